"""The query conventions of the vendor's resources: filters, fields, pages, sorting."""
