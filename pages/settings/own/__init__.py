"""A visitor's own list or text: given, read, shown as it is read, and used."""
