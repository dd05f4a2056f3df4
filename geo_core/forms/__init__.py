"""Forms and spreadsheets for people who enter data, made from what is declared."""
