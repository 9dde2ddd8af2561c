"""Pages as PDF: laid out as plain data first, then drawn by matplotlib."""
