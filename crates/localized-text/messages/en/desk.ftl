# Sentences of the desk's pages.

## Ways

desk-nav-label = Main menu
desk-nav-check = Check
desk-nav-ask = Ask a wallet
desk-nav-many = Many at once
desk-nav-offline = Without internet

## Front page

desk-home-lead = { $name } · Nothing to install. Scan a QR code or drop a file and read the answer.
desk-home-ask = Ask a wallet
desk-home-ask-lead = Show a QR code: the other person's wallet sends only what you need.
desk-home-many = Many at once
desk-home-many-lead = Drop the applicants' files as a folder or ZIP, or collect them by one link.
desk-scan = Scan a QR code
desk-viewfinder = Camera picture
desk-scanning = Hold the QR code in the middle of the picture.
desk-scan-stop = Stop scanning
desk-drop = Drop a file here, or choose one
desk-drop-hint = PDF, photo, screenshot, badge picture (PNG, SVG), JSON, token, or an earlier receipt. Several files, folders and ZIPs too.
desk-another-day = Check for another day
desk-another-day-hint = Tells whether it was in force at the end of that day in Korea. Signature and keys are judged by what is known now.
desk-camera-refused = The camera cannot be used. Allow it in the browser, or choose a photo instead.
desk-offline = The service cannot be reached now. Try again when you are connected. Nothing of the scan was sent.
desk-sending = Sending.
desk-unsent = The connection broke before an answer came. What you chose and typed is still here. Check the internet and send it again.
desk-busy = There is too much to do at the moment. What you chose and typed is still here. Send it again in a little while.
desk-resend = Send again

## Why something was not read

desk-refused-nothing = There is nothing in it.
desk-refused-too-large = The file is too large. One document may have 12 MB.
desk-refused-no-code = No QR code could be read in the picture. Choose a larger, sharper one.
desk-refused-other-code = The QR code was read, and it is no credential.
desk-refused-wallet-link = This link is for a wallet. It is no credential: open it with a wallet app.
desk-refused-several = There are two or more different credentials in it. Check them one by one.
desk-refused-pdf-without = The PDF has neither an attached credential nor a readable QR code. Try a screenshot of the QR code.
desk-refused-pdf-locked = The PDF is behind a password. Ask for an unlocked one.
desk-refused-pdf-too-long = There is more in the PDF than could be looked at. Choose only the page with the credential.
desk-refused-unknown-file = Files of this kind hold no credentials.
desk-refused-staple = The evidence beside the credential cannot be read.
desk-zip-unreadable = The ZIP cannot be opened.
desk-zip-locked = The ZIP is behind a password.
desk-zip-too-many = There are too many files in the ZIP.
desk-zip-too-large = The ZIP would unfold to too much. It was not opened.

## Requests

desk-ask-title = Ask a wallet
desk-ask-closed = Requests from this desk need the operator's token.
desk-position-here = Use this device's position
desk-position-none = The position is not known. Allow it in the browser, or type latitude and longitude.
desk-position-lat = Latitude (°)
desk-position-lon = Longitude (°)
desk-position-accuracy-m = Accuracy of the position (m)
desk-position-agl-m = Height above ground (m)
desk-steps = Progress
desk-step-requested = Waiting for the QR code to be scanned
desk-step-fetched = The wallet has the request. Waiting for its owner's consent
desk-step-answered = Submitted
desk-lost = The connection is away for a moment. It goes on by itself; what was submitted is not lost.
desk-code-instead = Where nobody can scan, read these digits aloud. They are typed at:
desk-code-title = Open by digits
desk-code-lead = Type the eight digits that the verifier read to you.
desk-code-label = Digits
desk-code-go = Open
desk-code-unknown = There are no such digits, or their time is over.
desk-code-wait = Too many wrong digits were typed. Try again in a minute.
desk-gone-title = Nothing to see
desk-result-gone = The result was deleted, or belongs to another browser. Results are deleted after 30 minutes, batches after an hour.

## Result

desk-evidence = For your files
desk-evidence-lead = Keep a signed receipt instead of a screenshot. Drop it here later, and the same verdict is made again.
desk-receipt-page = Verification receipt
desk-receipt-bare = Receipt file (no personal data)
desk-receipt-full = Receipt file with the credential
desk-print = Print or save as PDF
desk-next = Check the next one
desk-view-battery-alt = State of health of the battery: { $soh } %
desk-view-battery-soh = State of health (SOH), { $definition }
desk-view-battery-end = end of life { $percent } %
desk-view-battery-left = About { $likely } { $unit } left ({ $level } % interval { $low } to { $high })
desk-view-map = Sketch of the permitted area
desk-view-map-here = Sketch of the permitted area with the position
desk-view-map-position = position
desk-view-sheet-rank = Rank
desk-view-sheet-name = Athlete
desk-view-sheet-team = Team
desk-view-sheet-mark = Mark
desk-view-sheet-wind = Wind
desk-view-sheet-confirmed = Confirmed by

## Batches

desk-batch-make = Check several files
desk-batch-lead = Choose up to 300 files (96 MB in all) and read them in one table. ZIPs too.
desk-batch-files = Files
desk-batch-title = { $count } documents
desk-batch-working = Checking. It goes on if you leave this page.
desk-batch-progress = Progress
desk-batch-when = As of { $when }. Each issuer's status list was fetched once; all were judged by the same knowledge.
desk-batch-too-large = At most 96 MB at once. Divide them. Nothing was sent.
desk-batch-too-many = At most 300 documents at once. Divide them.
desk-table = Table of results
desk-column-number = No.
desk-column-file = File
desk-column-person = Name
desk-column-what = Qualification
desk-column-grade = Grade
desk-column-awarded = Awarded
desk-column-authentic = Authentic
desk-column-in-force = In force
desk-column-entitled = Entitled
desk-column-why = Remarks
desk-answer-yes = yes
desk-answer-no = no
desk-answer-unknown = unknown
desk-answer-link = What was sent
desk-duplicate = The same credential as no. { $place }.
desk-filter = Show
desk-filter-all = all
desk-filter-accept = accepted
desk-filter-reject = refused
desk-filter-unknown = not confirmed
desk-filter-unread = not readable
desk-filter-dup = duplicates
desk-csv = Save as CSV

## Collections

desk-collections-title = Many at once
desk-collections-lead = Send one link to all applicants: each wallet answers, and the results come together in one table.
desk-collection-what = What is asked for
desk-collection-purpose = Purpose
desk-collection-purpose-hint = Shown to every applicant, for example: hiring, autumn 2026
desk-collection-deadline = Deadline
desk-collection-make = Begin to collect
desk-collection-no-kind = Choose what is asked for.
desk-collection-no-purpose = Write the purpose.
desk-collection-bad-deadline = The deadline must lie within 180 days from today.
desk-collection-full = No more can be made until some have ended.
desk-collection-alt = QR code of the request
desk-collection-link = Link for the applicants
desk-collection-open = open
desk-collection-closed = closed
desk-collection-secret = Whoever knows the address of this page sees the results. Send applicants only the link that is marked for them.
desk-collection-answers = Answers
desk-collection-over-title = Closed
desk-collection-over = This request was closed at { $when }. Nothing was submitted. Ask those who invited you.
desk-collection-unknown = There is no such request. Look at the link again.
desk-invitation-here = To answer with the wallet on this device, press here.
desk-invitation-once = The wallet first shows what it would send and asks for your consent. A request that it got can be answered once.
desk-copy = Copy the link
desk-copied = Copied

## Receipts

desk-receipt-title = Verification receipt
desk-receipt-lead = A signed record of what was checked, when and on what grounds. Nothing that the credential says is in it.
desk-receipt-verifier = Verifier
desk-receipt-build = Program
desk-receipt-inputs = SHA-256 of the grounds
desk-receipt-documents = Fingerprints and codes of the documents
desk-receipt-lists = Lists and blockchain records used
desk-receipt-more = { $count } more are in the receipt file.
desk-receipt-replay = Drop the receipt file on the front page, or use wallet verify --replay, to make the same verdict again.
desk-receipt-altered = This receipt was altered: it is not what was signed.
desk-receipt-unreadable = The receipt cannot be read.
desk-replay-title = Receipt checked
desk-replay-signed = Signed by the verifier that it names.
desk-replay-unchecked = The key of the verifier that signed could not be looked up.
desk-replay-same = The verdict made again from the archived grounds alone is the same.
desk-replay-other = The verdict made again is another one. Do not rely on the receipt as it is.
desk-replay-receipt-without-documents = The receipt holds no credential, so the verdict was not made again. Use wallet verify --replay with the credential's file.
desk-replay-receipt-other-document = The document in it is not the one that was checked.
desk-replay-receipt-unreadable = Part of the receipt cannot be read.
desk-replay-receipt-altered = Part of the receipt was changed.
desk-replay-then = The verdict then
desk-replay-now = The verdict made again

# Shared links
desk-share-title = A credential was shared with you
desk-share-lead = The holder of a credential sent you this link. When you press the button, your browser fetches what was shared, unlocks it with the key in the link, and has it checked now: also whether it is still in force at this moment.
desk-share-privacy = What was kept for this link is encrypted, and the key is only in the link. To be checked, the unlocked credential is sent to this desk. The holder sees how often the link was opened, not by whom.
desk-share-open = Open and check
desk-share-no-script = This page needs JavaScript, because only your browser has the key. Ask the holder for a PDF instead.
desk-share-gone = This link no longer leads to anything: it was withdrawn, its time is over, or it was never there. That says nothing about the credential itself. Ask the holder for a new link.
desk-share-wrong-key = What was shared could not be unlocked: the key in the link is another one, or the content was altered. Ask the holder to send the link again.
desk-share-no-key = The link is incomplete: the part after the # sign, which holds the key, is missing or was cut. Copy the whole link, or ask the holder to send it again.
desk-share-net = There was no connection. Nothing was lost: try again when you are connected.
desk-share-busy = The service cannot answer just now. Try again in a minute.
desk-share-old-browser = This browser cannot decrypt here: use a current one, over https.
