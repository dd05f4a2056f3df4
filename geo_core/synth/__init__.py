"""The demonstration district: invented input files on real municipalities and real totals."""
