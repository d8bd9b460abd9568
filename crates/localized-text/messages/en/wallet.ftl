# Sentences of the wallet command.

## Common to all screens

wallet-error-label = error
wallet-hint-label = hint
wallet-yes-no = { " " }(y/n){ " " }
wallet-none = none
wallet-unknown-name = no name given

## Making a wallet

wallet-init-done = The wallet is ready: { $home }
wallet-passphrase-ask = Wallet passphrase:{ " " }
wallet-passphrase-new = New wallet passphrase (8 characters or more):{ " " }
wallet-passphrase-again = Once more:{ " " }

## Accepting

wallet-offer-title = A credential is offered to you
wallet-offer-issuer = Issuer: { $name }
wallet-offer-address = Address: { $address }
wallet-offer-self-stated = (the name the issuer gives itself)
wallet-offer-items = What you would receive:
wallet-offer-item = { "  " }• { $name } [{ $format }]
wallet-offer-tx-code = You need the transaction code that the issuer gave you separately.
wallet-offer-tx-code-shape = The code has { $length } characters.
wallet-offer-tx-code-words = The issuer says: { $text }
wallet-offer-ask = Put it into your wallet?
wallet-tx-code-ask = Transaction code:{ " " }
wallet-accept-declined = Nothing was accepted. The offer is still open.
wallet-accept-stored = Stored: { $name } ({ $id })
wallet-accept-unverified = { "  " }The issuer's signature could not be checked ({ $reason }).
wallet-accept-deferred = The issuer is still working on it: { $name } (after { $time }: `wallet accept --resume`)
wallet-accept-failed = Not received: { $name } ({ $code })
wallet-accept-unacknowledged = The issuer could not be told yet that you received it. `wallet accept --resume` tells it again.
wallet-abandoned = Gave up { $count } open issuance(s). What was stored stays.
wallet-resume-nothing = There is nothing to resume.

## List and details

wallet-list-empty = The wallet is empty. Use `wallet accept <offer link>` to put something in.
wallet-list-id = ID
wallet-list-name = Credential
wallet-list-format = Format
wallet-list-issuer = Issuer
wallet-list-until = Valid until
wallet-list-received = Received
wallet-list-pending = { $count } issuance(s) still open: `wallet accept --resume`
wallet-show-id = ID
wallet-show-issuer = Issuer
wallet-show-issuer-id = Issuer identifier
wallet-show-format = Format
wallet-show-from = Valid from
wallet-show-until = Valid until
wallet-show-received = Received
wallet-show-check = Signature on arrival
wallet-show-check-verified = checked, it holds
wallet-show-check-not = could not be checked ({ $reason })
wallet-show-copies = Copies
wallet-show-copies-count = { $count } (presented { $presented } times)
wallet-show-holder = Holder key
wallet-show-holder-named = named in the credential
wallet-show-holder-unnamed = not named in the credential (only shows who presents)
wallet-show-holder-none = bound to no key
wallet-show-evidence = Evidence
wallet-show-evidence-there = kept, fetched { $date } (verifies without the net)
wallet-show-evidence-none = none yet (`wallet evidence fetch`)
wallet-show-claims = Content
wallet-show-status-hint = Use `wallet verify { $id }` to see whether it is in force now.

## Presenting

wallet-consent-title = You are asked for information
wallet-consent-who = Who asks
wallet-consent-name = Name: { $name } (as it calls itself)
wallet-consent-client = Identifier: { $id }
wallet-consent-signed-did = Signed: by a key of this identifier ({ $domain }).
wallet-consent-signed-certificate = Signed: by the key of the certificate { $name }.
wallet-consent-unsigned = Signed: no.
wallet-consent-answer-to = The answer goes to: { $host }
wallet-consent-match-code = Match code: { $code } — refuse if the verifier's screen shows another.
wallet-consent-why = Why
wallet-consent-purpose = { $purpose } (as the verifier states it)
wallet-consent-no-purpose = No purpose is given.
wallet-consent-until = Until when
wallet-consent-until-time = You can answer until { $time }.
wallet-consent-until-open = No time limit is given.
wallet-consent-what = What
wallet-consent-credential = { $name } — { $issuer } ({ $id })
wallet-consent-discloses = { "  " }You would disclose:
wallet-consent-always = { "  " }Always visible with it:
wallet-consent-nothing-more = { "  " }Nothing beyond that.
wallet-consent-whole = { "  " }This format cannot hide anything: all of it is disclosed.
wallet-consent-hidden = { "  " }Kept back: { $count } claim(s)
wallet-consent-alternatives = { "  " }You could use instead: { $ids } (--choose { $query }=ID)
wallet-consent-optional = Optional, may be left out: { $queries } (--include-optional)
wallet-consent-ask = Do you agree to disclose this?
wallet-consent-refusing = If you refuse, nothing is disclosed. The verifier may then not serve you.
wallet-warning = Beware: { $text }
wallet-warning-unsigned = The request is not signed: nobody knows who asks.
wallet-warning-certificate-unanchored = No authority you trust vouches for the certificate: its name may be anybody's.
wallet-warning-answer-elsewhere = The answer goes to another host than the verifier's own.
wallet-warning-no-purpose = It does not say what it needs this for.
wallet-warning-whole-credential = Whole credentials are disclosed, not just what is needed.
wallet-warning-many-claims = It asks for a lot. Ask yourself whether all of it is needed.
wallet-warning-sensitive-claims = Sensitive items such as birth date or contact details are included.
wallet-warning-identity-number = It asks for an identity number. Do not disclose one.
wallet-present-done = Presented to { $name }.
wallet-present-redirect = Continue in your browser: { $url }
wallet-present-refused = Refused. Nothing was disclosed.
wallet-present-refusal-untold = Refused. Nothing was disclosed. The verifier could not be told.

## Keys, history

wallet-keys-empty = There are no keys.
wallet-keys-label = Label
wallet-keys-kind = Kind
wallet-keys-thumbprint = Thumbprint
wallet-history-empty = Nothing was presented yet.
wallet-history-when = When
wallet-history-who = Verifier
wallet-history-what = Disclosed
wallet-history-outcome = Outcome
wallet-history-delivered = delivered
wallet-history-refused = refused
wallet-history-sending = unknown whether it arrived
wallet-history-failed = failed ({ $code })
wallet-history-count = { $name }: { $count } claim(s)

## Backup

wallet-backup-done = Backed up to { $file } ({ $count } credential(s)), encrypted under the wallet's passphrase.
wallet-restore-done = Restored { $count } credential(s). The passphrase is the one the wallet had.

## Verifying

wallet-evidence-fetched = { $name }: evidence fetched.
wallet-evidence-kept = { $name }: the evidence kept so far proves more; it stays.
wallet-evidence-failed = { $name }: no evidence ({ $reason }).
wallet-pack-fetched = Status pack written to { $file } ({ $bytes } bytes fetched, { $deltas } deltas).
wallet-pack-shown =
    Issuer: { $issuer }
    Made: { $issued } (epoch { $epoch }), next one due: { $until }
    { $lists } lists, { $entries } entries, { $set } of them not valid, { $bytes } bytes
wallet-pack-stale = A newer status pack was due by { $until }. Fetch it with `wallet status-pack fetch`.
wallet-export-done = Written to { $file }.
wallet-export-qr = QR code: version { $version }, { $modules } squares a side.
wallet-export-qr-dense = This is a dense code: print it in full size, and hold the camera close and still. The attached file verifies as well.
wallet-verify-time = Checked at: { $time }
wallet-verify-offline = Checked without the network: the issuer's latest word is not in this.

## Errors and hints, named after their codes

wallet-error-other = It could not be done ({ $detail }).
wallet-hint-other = Try the command again; if it stays, report the error code.
wallet-error-status-pack = The status pack is not usable ({ $detail }).
wallet-hint-status-pack = Delete the file and fetch it anew from the issuer. This says nothing against a credential.
wallet-error-no-evidence = No evidence is kept for this credential ({ $detail }).
wallet-hint-no-evidence = Fetch it with `wallet evidence fetch` while the issuer can be reached.
wallet-error-offer-invalid = This is not a credential offer that can be read ({ $detail }).
wallet-hint-offer-invalid = Check that you gave the issuer's link or QR code as it is.
wallet-error-issuer-document-invalid = The issuer's answer breaks the standard ({ $detail }).
wallet-hint-issuer-document-invalid = Tell the issuer about it. The offer was not used up.
wallet-error-grant-not-supported = This offer's way of issuing is not supported yet.
wallet-hint-grant-not-supported = Ask the issuer for an offer with a pre-authorized code.
wallet-error-invalid-client = The issuer accepts registered wallets only.
wallet-hint-invalid-client = Ask the issuer whether it accepts other wallets.
wallet-error-unknown-credential-configuration = The issuer does not publish what it offers ({ $detail }).
wallet-hint-unknown-credential-configuration = Ask the issuer for a new offer.
wallet-error-format-not-supported = This credential format is not supported ({ $detail }).
wallet-hint-format-not-supported = Ask for ldp_vc, jwt_vc_json or dc+sd-jwt.
wallet-error-key-not-supported = The issuer demands a kind of key that this wallet does not have ({ $detail }).
wallet-hint-key-not-supported = Use another wallet, or ask the issuer.
wallet-error-tx-code-required = This offer needs a transaction code.
wallet-hint-tx-code-required = Give the code you got separately with --tx-code.
wallet-error-tx-code-unexpected = This offer takes no transaction code.
wallet-hint-tx-code-unexpected = Run it again without --tx-code.
wallet-error-tx-code-shape = The transaction code has the wrong length or characters (it has { $detail } characters).
wallet-hint-tx-code-shape = Check the code. Nothing was sent yet.
wallet-error-tx-code-refused = The issuer did not accept the transaction code (try { $detail }).
wallet-hint-tx-code-refused = Check it and try again. After several wrong tries the offer ends.
wallet-error-offer-spent = This offer is used up or expired.
wallet-hint-offer-spent = See `wallet list` whether you have it already; otherwise ask for a new offer.
wallet-error-already-accepted = You accepted this offer already.
wallet-hint-already-accepted = See `wallet list`.
wallet-error-issuer-refused = The issuer refused ({ $detail }).
wallet-hint-issuer-refused = Ask the issuer.
wallet-error-token-expired = The issuer's permission ended before the credential was fetched.
wallet-hint-token-expired = Ask the issuer for a new offer.
wallet-error-nothing-received = No credential was received ({ $detail }).
wallet-hint-nothing-received = Tell the issuer this code.
wallet-error-no-such-session = There is no such issuance to resume.
wallet-hint-no-such-session = Start with `wallet accept <link>`.
wallet-error-credential-refused = What the issuer sent was not stored ({ $detail }).
wallet-hint-credential-refused = Tell the issuer about it.
wallet-error-forbidden-address = The address is not safe, so no connection was made ({ $detail }).
wallet-hint-forbidden-address = The link may lead into a private network. Check who sent it; in development use --danger-plain-http.
wallet-error-unreachable = The other side could not be reached ({ $detail }).
wallet-hint-unreachable = Try again later. An issuance under way goes on with `wallet accept --resume`.
wallet-error-bad-answer = The other side's answer cannot be read ({ $detail }).
wallet-hint-bad-answer = Try again later; if it stays, tell the other side.
wallet-error-request-invalid = The request is not acceptable ({ $detail }).
wallet-hint-request-invalid = Nothing was disclosed. Tell the verifier about it.
wallet-error-request-gone = The request was fetched already or has expired.
wallet-hint-request-gone = Get a new QR code or link from the verifier.
wallet-error-request-untrusted = The request cannot be trusted ({ $detail }).
wallet-hint-request-untrusted = Nothing was disclosed. Somebody may have forged the request.
wallet-error-client-id-mismatch = The link and the request name different verifiers.
wallet-hint-client-id-mismatch = Nothing was disclosed. Do not use this link.
wallet-error-client-id-prefix-not-supported = This way of naming a verifier is not supported ({ $detail }).
wallet-hint-client-id-prefix-not-supported = Ask the verifier for a request by DID or certificate.
wallet-error-nothing-fits = Nothing in the wallet answers this request ({ $detail }).
wallet-hint-nothing-fits = See what you have with `wallet list`.
wallet-error-vp-formats-not-supported = You have it, but not in a form the verifier takes.
wallet-hint-vp-formats-not-supported = Have it issued in another format.
wallet-error-bad-choice = That choice does not fit this request ({ $detail }).
wallet-hint-bad-choice = Use --choose query=ID with an ID that fits.
wallet-error-verifier-refused = The verifier did not take the answer ({ $detail }).
wallet-hint-verifier-refused = Get a new request from the verifier and try again.
wallet-error-presentation-failed = The presentation could not be made ({ $detail }).
wallet-hint-presentation-failed = Try a credential in another format.
wallet-error-declined = You did not agree, so it was left.
wallet-hint-declined = Run the same command to try again.
wallet-error-consent-needed = Nobody can be asked: this is not a terminal.
wallet-hint-consent-needed = Add --yes if you have read it, or --refuse to decline.
wallet-error-unknown-id = Nothing in the wallet has this ID.
wallet-hint-unknown-id = See the IDs with `wallet list`.
wallet-error-ambiguous-id = Several credentials fit this ID ({ $detail }).
wallet-hint-ambiguous-id = Give more characters of the ID.
wallet-error-input-unreadable = The input cannot be read ({ $detail }).
wallet-hint-input-unreadable = Check the path or the link.
wallet-error-link-refused = This link is not safe or not known ({ $detail }).
wallet-hint-link-refused = Only openid-credential-offer://, openid4vp:// and https:// links are taken.
wallet-error-no-qr-code = No QR code was found in the picture.
wallet-hint-no-qr-code = Take the picture again with the whole code sharp in it.
wallet-error-several-qr-codes = There are several QR codes in the picture.
wallet-hint-several-qr-codes = Crop it to one of them.
wallet-error-link-of-other-kind = This link is for another command ({ $detail }).
wallet-hint-link-of-other-kind = Offers go to `wallet accept`, requests to `wallet present`.
wallet-error-qr-text = This cannot be made into a QR code ({ $detail }).
wallet-hint-qr-text = Use a shorter link.
wallet-error-wallet-missing = There is no wallet at { $detail }.
wallet-hint-wallet-missing = Make one with `wallet init`, or check --home.
wallet-error-wallet-exists = There is a wallet already at { $detail }.
wallet-hint-wallet-exists = Choose another place with --home.
wallet-error-wallet-not-empty = A backup is restored into an empty place only: { $detail }
wallet-hint-wallet-not-empty = Choose a new place with --home.
wallet-error-wallet-permissions = Others may read the wallet's folder: { $detail }
wallet-hint-wallet-permissions = Make it yours alone with `chmod 700`.
wallet-error-wallet-busy = The wallet is in use by another program, or cannot be opened ({ $detail }).
wallet-hint-wallet-busy = Wait for the other `wallet` command to end.
wallet-error-wrong-passphrase = The passphrase is wrong.
wallet-hint-wrong-passphrase = Check it. A forgotten passphrase cannot be recovered.
wallet-error-passphrase-needed = The passphrase cannot be asked for: this is not a terminal.
wallet-hint-passphrase-needed = Use --passphrase-file or --passphrase-fd.
wallet-error-passphrase-short = The passphrase is too short.
wallet-hint-passphrase-short = Choose 8 characters or more.
wallet-error-passphrase-differs = The two entries differ.
wallet-hint-passphrase-differs = Run it again.
wallet-error-wallet-damaged = The wallet's files are damaged or were altered ({ $detail }).
wallet-hint-wallet-damaged = Restore a backup into a new place: `wallet --home NEW restore FILE`.
wallet-error-store-rolled-back = The wallet was put back into an older state ({ $detail }).
wallet-hint-store-rolled-back = Restore the newest backup into a new place.
wallet-error-backup-damaged = This is not a complete wallet backup ({ $detail }).
wallet-hint-backup-damaged = Try another copy of the backup.
wallet-error-backup-newer = The backup was written by a newer program.
wallet-hint-backup-newer = Update the program.
wallet-error-file-exists = The file exists already: { $detail }
wallet-hint-file-exists = Choose another name: an existing file is not overwritten.
wallet-error-settings = A setting is not right ({ $detail }).
wallet-hint-settings = See `wallet --help`.
wallet-error-verify-input = The credential to verify cannot be read ({ $detail }).
wallet-hint-verify-input = Give a credential file, an ID of the wallet, or - for standard input.

## Guesses and signs of life

wallet-did-you-mean = Did you mean { $near }?
wallet-progress-issuer = Talking to the issuer …
wallet-progress-verifier = Talking to the verifier …
wallet-progress-checking = Checking …

## Keys and DIDs in files

wallet-did-key-written = The private key is in { $file }, readable by you alone. Its DID:
wallet-did-key-stored = The private key stays in the wallet's key store as { $label }. Its DID:
wallet-error-key-refused = The key cannot be used ({ $detail }).
wallet-hint-key-refused = A key file is a JWK or a Multikey in JSON. `wallet did keygen --output FILE` makes one; store:LABEL takes one of the wallet.
wallet-error-key-label = This label cannot be used ({ $detail }).
wallet-hint-key-label = Choose another one: 1 to 128 characters, not taken yet.
wallet-error-unknown-key-label = The wallet's key store has no such key: { $detail }
wallet-hint-unknown-key-label = `wallet keys` lists them.
wallet-error-output-unwritable = The result could not be written ({ $detail }).
wallet-hint-output-unwritable = Check the place named with --output.
wallet-error-malformed-did = This is no DID ({ $detail }).
wallet-hint-malformed-did = A DID looks like did:key:z6Mk… or did:web:example.org.
wallet-error-unresolved-did = The DID has no document ({ $detail }).
wallet-hint-unresolved-did = did:web needs the network: `wallet did resolve --network`.

## Credentials in files

wallet-error-vc-refused = Refused ({ $detail }).
wallet-hint-vc-refused = The code in front says what is wrong. `wallet vc --help` shows the options.
wallet-error-vc-unknown = This could not be judged ({ $detail }).
wallet-hint-vc-unknown = It is neither good nor bad. Without --offline the network is asked; --did-document names a document you trust.
wallet-vc-file = File
wallet-vc-result = Result
wallet-vc-format = Format
wallet-vc-issuer = Issuer
wallet-vc-reason = Reason
wallet-vc-verified = verified
wallet-vc-refused = refused
wallet-vc-unknown = not known
wallet-vc-duplicate = same as { $file }
wallet-vc-summary = { $count } checked: { $verified } verified, { $refused } refused, { $unknown } not known.
wallet-vc-is-verified = Verified: the proof holds and the document keeps the rules.
wallet-vc-is-refused = Not verified.
wallet-vc-is-unknown = Could not be judged.
wallet-vc-warning = Note: { $text }
wallet-vc-entitlement = Whether the issuer was entitled to issue it is told by `wallet verify`.

## Help: the English sentences are those of the definition; a test of wallet-cli compares them
wallet-help = The wallet: receive, hold, present and verify credentials from a terminal
wallet-help-long = Exit codes: 0 done, 1 the answer is no, 2 could not do.
wallet-help-init = Make a new wallet
wallet-help-accept = Accept a credential offer: a link, a picture of its QR code, or - for standard input
wallet-help-list = List what the wallet holds
wallet-help-show = Show one credential
wallet-help-present = Answer a verifier's request: a link, a picture of its QR code, or - for standard input
wallet-help-verify = Verify a credential: a file, PDF, picture or QR text, an id of this wallet, or - for standard input
wallet-help-evidence = Fetch and show proofs for verifiers without a net
wallet-help-evidence-fetch = Fetch the issuer's evidence for credentials and keep it beside them
wallet-help-evidence-show = Show the evidence that is kept for a credential
wallet-help-status-pack = Fetch and show the status of all badges of an issuer, for verifying without a net
wallet-help-status-pack-fetch = Fetch an issuer's status pack into a file, or bring the file up to date
wallet-help-status-pack-fetch-output = The file; what is in it already is brought up to date
wallet-help-status-pack-show = Show what a status pack file holds and how old it is
wallet-help-verify-status-packs = An issuer's status pack, which answers where its lists cannot be had (repeatable)
wallet-help-trust-list = Sign a list of accredited issuers
wallet-help-trust-list-sign = Sign a trust list with the key of its operator
wallet-help-export = Write a credential into a file for somebody else
wallet-help-keys = List the wallet's keys (public halves only)
wallet-help-history = List what was presented to whom, when
wallet-help-backup = Write the whole wallet into one encrypted file
wallet-help-restore = Restore a backup into a new, empty place
wallet-help-qr = Show a link, or a text such as a DID, as a QR code
wallet-help-did = Make and name keys, resolve DIDs
wallet-help-did-keygen = Make a new key: in a file of its owner, or in the wallet's key store
wallet-help-did-from-key = Print the DID of a key
wallet-help-did-verification-method = Print the verification method of a key
wallet-help-did-resolve = Print the document of a DID
wallet-help-vc = Issue, verify, derive and present credentials in files
wallet-help-vc-issue = Secure a credential: Data Integrity, JOSE, COSE or SD-JWT
wallet-help-vc-verify = Verify secured credentials: files, folders, or - for standard input
wallet-help-vc-derive = Disclose a part of a credential with a selective proof (ecdsa-sd-2023, bbs-2023, SD-JWT)
wallet-help-vc-present = Put credentials into a presentation for one verifier
wallet-help-vc-verify-presentation = Verify a presentation and the credentials in it
wallet-help-completions = Print a completion script for a shell
wallet-help-man = Print the manual page (roff), or write one page for each command

## Options that mean the same everywhere

wallet-help-all-home = The wallet's folder
wallet-help-all-passphrase-file = Read the passphrase from the first line of this file
wallet-help-all-passphrase-fd = Read the passphrase from the first line of this open file descriptor
wallet-help-all-lang = Language of sentences: ko or en
wallet-help-all-json = Print one JSON value on standard output
wallet-help-all-danger-plain-http = DANGER, development only: speak http to this host:port (repeatable)
wallet-help-all-certificate-anchors = Trust this certificate (PEM or DER) to name verifiers (repeatable)
wallet-help-all-offline = Use no network
wallet-help-all-did-documents = A DID document you trust, to be used instead of asking the network (repeatable)
wallet-help-all-output = Write the result here instead of standard output
wallet-help-did-keygen-output = Write the private key into this new file, readable by its owner only

## On paper

wallet-paper-attached = The credential, for verifiers
wallet-paper-code = QR code with the whole credential: verifies without a net
wallet-paper-how = To verify: scan the QR code at a verification desk, or run `wallet verify` on this file. The credential itself is in the QR code and attached to this file.
wallet-paper-state = Whether it is in force today only a verification says. This sheet alone proves nothing.
wallet-paper-more = { $count } more item(s) are in the attached credential.
wallet-paper-day = Printed { $day }
wallet-error-paper = This cannot be read from, or put on, paper ({ $detail }).
wallet-hint-paper = Scan again with more light and the whole code in the picture, or ask for the file itself.
wallet-error-paper-format = A credential in the format { $detail } does not fit into a QR code.
wallet-hint-paper-format = Choose the copy in the format ldp_vc (`wallet list`), or export the file without --pdf.
wallet-error-picture = This picture holds no credential that can be used ({ $detail }).
wallet-hint-picture = Ask for the original file: messengers take the credential out of pictures.
wallet-error-font-missing = No font with Hangul was found on this system.
wallet-hint-font-missing = Install one (Debian: fonts-nanum or fonts-noto-cjk) or name a font file with --font.
wallet-error-font-lacks-letters = The font has no letters for "{ $detail }".
wallet-hint-font-lacks-letters = Name a font with Hangul by --font, for example NotoSansKR-Regular.otf.
wallet-help-export-pdf = Make a printable page (PDF) with a QR code that verifies without a net; needs --output
wallet-help-export-picture = Make a picture with the credential baked in (Open Badges 3.0); needs --output
wallet-help-export-desk = Let the QR code open this desk (https://…) instead of holding the credential alone
wallet-help-export-font = The font of the page; without it the system's Hangul font
wallet-help-verify-replay = Make the verdict of this receipt again from what lies in it, without asking anybody
wallet-replay-same = Made again from the archived grounds alone: the verdict is the same as in the receipt.
wallet-replay-other = Made again from the archived grounds: the verdict is NOT that of the receipt.
wallet-replay-signed = The receipt is signed by the verifier that it names.
wallet-replay-unchecked = Who signed the receipt was not checked: give the verifier's DID document by --did-document.

## Shared links

wallet-share-consent = You are about to share { $name } by a link. Whoever has the link can open it at { $desk } until { $until }.
wallet-share-whole = Everything in it will be seen.
wallet-share-only = Of what can be hidden, only this will be seen: { $claims }
wallet-share-could = You may show less by --claim PATH; these can be chosen: { $claims }
wallet-share-validity = That is the end of the link only. The credential itself is valid until { $until }.
wallet-share-means = The desk keeps it encrypted; the key is in the link alone. At every view it is checked anew whether the credential is still in force. Whoever opened it may have kept a copy, which withdrawing does not take back.
wallet-share-ask = Make the link?{" "}
wallet-share-declined = No link was made.
wallet-share-made =
    { $link }
    This link opens until { $until }. Withdraw it: wallet share withdraw { $id }
wallet-share-withdrawn = The link { $id } is withdrawn: it no longer opens.
wallet-shares-none = No link was made yet.
wallet-shares-means = An opening is a press of the button on the link's page: neither a preview nor a visit alone counts, the same person may count several times, and nobody learns who it was.
wallet-share-line = { $id }  { $name }  for: { $for }  { $state }, opens until { $until }.
wallet-share-opened = Opened { $count } times, last { $last }.
wallet-share-unopened = Not opened yet.
wallet-share-state-open = open
wallet-share-state-withdrawn = withdrawn
wallet-share-state-over = over
wallet-share-state-gone = no longer at its desk
wallet-share-state-unknown = not known now (its desk could not be asked)
wallet-error-share-expiry = "{ $detail }" is no time that a link can open.
wallet-hint-share-expiry = Say a number and a unit, at most 90 days: "7 days", "12 hours", "2 weeks".
wallet-error-share-unknown-claim = The credential has no part "{ $detail }" that can be chosen.
wallet-hint-share-unknown-claim = Leave out --yes to see what can be chosen, or share without --claim.
wallet-error-share-only-whole = This credential can only be shown whole.
wallet-hint-share-only-whole = Share it without --claim, or ask the issuer for it as an SD-JWT.
wallet-error-share-unknown = The wallet made no link with this id.
wallet-hint-share-unknown = `wallet shares` lists the links with their ids.
wallet-error-share-refused = The desk did not take it: { $detail }
wallet-hint-share-refused = Try a shorter time, wait an hour, or name another desk by --desk.
wallet-error-share-gone = The desk no longer has this link.
wallet-hint-share-gone = It was withdrawn or its time is over; make a new one.
wallet-error-share-build = The link could not be made: { $detail }
wallet-hint-share-build = Look at the credential with `wallet show`.
wallet-help-share = Make a link that opens a credential in a browser until you withdraw it or its time is over
wallet-help-share-id = The credential's id, or its beginning
wallet-help-share-purpose = For whom or what, for your own list; it is not sent
wallet-help-share-expires = How long the link opens: "7 days", "12 hours", "2 weeks" (at most 90 days)
wallet-help-share-desk = The verifier's desk that keeps the encrypted content and opens the link
wallet-help-share-claims = Disclose only this of an SD-JWT credential (repeatable); everything without it
wallet-help-share-yes = Do not ask
wallet-help-share-withdraw = Withdraw a link: its desk erases the content
wallet-help-share-withdraw-share = The link, or the id that `wallet shares` lists
wallet-help-shares = List the links that were made, with how often each was opened
