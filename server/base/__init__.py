"""What every room stands on: configuration, the clock, paths, logs, strict JSON, pinyin."""
