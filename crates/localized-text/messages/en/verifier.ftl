### verifier
