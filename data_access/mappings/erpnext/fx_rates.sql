SELECT r.currency AS currency, r.since AS valid_from, r.rate AS rate_to_base, 'Currency Exchange' AS source FROM rate_span AS r
