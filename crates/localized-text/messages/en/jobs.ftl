### What became of each row of a bulk job

jobs-finding = The value in column "{ $column }" breaks a rule of this credential ({ $code }).
jobs-finding-row-malformed = This row has not as many cells as the first one.
jobs-finding-row-too-long = This row is too long. Look for a quotation mark that is not closed.
jobs-finding-too-many-columns = There are too many columns.
jobs-finding-row-twice = This row has the same content as one above it.
jobs-finding-row-issued-before = This row was issued by another job before.
jobs-finding-cell-nul = The cell holds a character that cannot be used (NUL).
jobs-finding-cell-not-text = The cell cannot be read as text. Check the file's encoding.
jobs-finding-cell-forbidden-number = The cell holds what looks like a resident registration number. No cell may.
jobs-finding-cell-formula = A cell must not begin like a formula.
jobs-finding-cell-control-character = The cell holds a control character that cannot be used.
jobs-finding-cell-too-long = The cell is too long.
jobs-finding-kind-unknown = This code is not in the catalogue of kinds.
jobs-finding-kind-missing = The code of the kind is missing.
jobs-finding-kind-not-entitled = This issuer may not give this kind.
jobs-finding-date-malformed = A date is written like 2025-06-18.
jobs-finding-date-missing = The date of the award is missing.
jobs-finding-column-conflict = Two columns stand for the same place.
jobs-finding-job-cancelled = Not issued: the job was cancelled.
jobs-finding-cannot-secure = Held: it could not be signed.
jobs-stall = The job waits ({ $code }). It holds its place and is tried again by itself.
jobs-stall-store-full = The disk of the store is full. The job holds its place and nothing is issued twice. Make room, then restart the service.
jobs-stall-store-failed = The store does not answer. The job holds its place and goes on by itself when the store is back.
jobs-stall-signing-failed = The signing keys cannot be reached. The job holds its place and goes on by itself when the key device is back.
jobs-stall-job-unreconciled = The sums of this job differ. Nothing is closed until an operator has looked.
jobs-stall-store-closed = The store takes no more writes since one failed: usually the disk is full. The job holds its place and nothing is issued twice. Make room, then restart the service.
