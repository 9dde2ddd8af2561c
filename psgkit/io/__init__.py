"""Reading and writing of files: recordings, scorings, actigraphy, channel roles."""
