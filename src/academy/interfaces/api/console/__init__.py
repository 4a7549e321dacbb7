"""The console: the pages that people open in a browser. Plain files, no build step, nothing from another host."""
