"""Progress as drawings: SVG worked out on the server, coloured by the style sheet, readable without either."""
