"""The same data in the words of others: HSDS, DCAT-AP_IT and schema.org."""
