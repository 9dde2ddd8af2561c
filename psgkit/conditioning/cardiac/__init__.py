"""Heart beats: find them, subtract them from EMG."""
