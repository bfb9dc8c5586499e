"""Actions that cross rooms, told straight down."""
