"""The file that holds a command's options: where it lies, what it may say, and in which line it is wrong."""
