"""What tests share: moments, the cast, browsers, databases."""
