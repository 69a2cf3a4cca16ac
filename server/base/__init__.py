"""Foundations of every room: configuration, clock, paths, logging, strict JSON, pinyin."""
