"""EMG conditioning: band-pass filter, envelope, mains hum, resting level, unusable stretches."""
