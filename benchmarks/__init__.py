"""Speed and memory of a real server process, as ratios to floors measured in the same run: `make bench`."""
