"""The synthetic, seeded district: input files of the very form an office would hand in."""
