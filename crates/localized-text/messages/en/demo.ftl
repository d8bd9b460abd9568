### The stories that `cargo xtask demo` tells.

demo-title-town = Sinpyo: a chain of trust, with real parts
demo-chain-started = A chain is running ({$chain}), the four contracts are deployed; it will hold roots and issuers' keys, never a person.
demo-services-started = The issuer is at {$issuer}, the verifier at {$verifier}: two processes that know nothing of each other but the standards.
demo-took = Everything above took {$seconds} seconds.

demo-title-badge = A badge: from the officer to the employer
demo-badge-kinds = The officer imports the catalogue of qualifications ({$count} kinds).
demo-badge-offer = She offers {$person} the badge "{$name}" as a QR. The link has {$length} characters; a code {$code} goes by another channel.
demo-badge-guess = Somebody who saw only the QR tries 000000 as the code: refused ({$code}).
demo-badge-accepted = The citizen's wallet accepts with the right code: {$count} credentials, each bound to a key that only this wallet has.
demo-badge-anchored = Epoch {$epoch} is anchored: one root for all credentials and all lists of the issuer.
demo-badge-asked = The employer shows a QR. The wallet photographs it and shows who asks: "{$who}".
demo-badge-presented = The citizen agrees; shown: {$claims}. Everything else stays in the wallet.
demo-badge-replay = The same answer sent a second time: refused ({$code}).
demo-badge-forged = One letter of the badge is changed and shown again: authentic? {$answer}.
demo-badge-revoked = The officer revokes the badge: {$reason}.
demo-verdict = Verdict: authentic? {$authentic} · in force? {$in_force} · entitled? {$entitled}

demo-title-training = Training: one course out of three
demo-training-presented = Of {$total} courses in the wallet the employer sees {$shown}; the rest stay closed envelopes.

demo-title-battery = A battery: good enough for the insurer, or not
demo-battery-good = Report 1: state of health {$soh} %. The insurer asks for 80 % or more, measured, not older than 30 days: {$outcome}.
demo-battery-bad = Report 2: state of health {$soh} %. Genuine and in force, yet below what the insurer asks: {$outcome}.

demo-title-drone = A drone: in the field
demo-drone-inside = An officer in the field checks permit, licence and registration at once. Inside the area: {$outcome}.
demo-drone-outside = The same drone five kilometres further: {$outcome}.
demo-drone-unsure = A phone that knows its place to nine kilometres only: {$outcome}. Never "OK" by guess.

demo-title-athlete = An athlete: a result for the school
demo-athlete = {$event}, {$mark} s, rank {$rank}, confirmed by the federation and the sports council: {$outcome}.

demo-title-authority = Authority: who said that they may issue
demo-authority-founded = Ministry, federation and agency govern the contracts together, two of three; the ministry accredited the agency and the agency a unit, the federation the sports council and that the agency: all of it on the chain.
demo-authority-named = By whose authority: {$chain}.
demo-authority-suspended = The ministry suspends the accreditation.
demo-authority-restored = The suspension ends; what was issued meanwhile stays without authority.
demo-title-nation = A nation in a year: what the chain costs
demo-nation-scale = {$credentials} credentials, {$revocations} revocations, {$epochs} epochs. Gas in all, from the table that the tests measure:
demo-nation-roots = one root per epoch
demo-nation-deltas = one root per epoch, revocations in the events
demo-nation-revocation = one transaction per revocation
demo-nation-record = one record per credential
demo-nation-line = {$design}: {$gas} gas, {$times} times the first
demo-nation-epoch = An epoch costs {$gas} gas, whether it covers ten credentials or ten million.

demo-title-drill = The compromise drill: a stolen key, forged badges, nobody left to ask
demo-drill-issued = A badge is issued and anchored, signed with { $key }.
demo-drill-rotated = The keys are rotated; the issuer has had { $count } keys by now. What the old ones signed stays good.
demo-drill-stolen = A thief has the key store: { $key } is in other hands since { $since }.
demo-drill-forged = The thief signs a badge in another name, dated back to when the key was honest. Nobody can tell by the signature.
demo-drill-stated = The issuer states on the chain that { $key } is compromised.
demo-drill-evidence = { $count } wallets fetch the evidence that travels with their badges.
demo-drill-off = Issuer, verifier and chain are switched off. The wallets verify without any network.
demo-drill-refused = The forged badge is refused with its own reason: { $code }.

demo-done = All verdicts are as expected.
demo-failed = Not as expected: {$what}
demo-left-up = The services stay up until you press Ctrl-C. Try:
demo-try-page = the employer's page: {$url}
demo-try-metadata = what the issuer offers: {$url}
demo-try-request = a request waiting for a wallet: {$url}
demo-try-wallet = the citizen's wallet: {$command}

demo-word-yes = yes
demo-word-no = no
demo-word-unknown = unknown
demo-word-pass = PASS
demo-word-fail = FAIL
demo-word-indeterminate = INDETERMINATE
demo-word-reason = a mistake in the demo

demo-title-bulk = Bulk issuing: a row, a badge, exactly once, whatever the power does
demo-bulk-file = A CSV file of { $rows } fictitious people is written ({ $bytes } bytes).
demo-bulk-checked = Every row was checked before anything is issued: { $refused } cannot be ({ $seconds } s).
demo-bulk-approved = The officer who uploaded the file could not approve it; another one did.
demo-bulk-chain-off = The chain is switched off until the job is over. Issuing does not wait for it.
demo-bulk-killed = The issuer was killed with kill -9 and started again (number { $count }, { $issued } rows so far).
demo-bulk-reconciled = Reconciliation: { $rows } rows in = { $issued } issued + { $refused } refused + { $held } held, no duplicate, no gap.
demo-bulk-rate = { $seconds } s, { $rate } rows a second with { $kills } kills, peak memory of the service { $memory } MiB.
demo-bulk-anchored = The root over the whole job stands in epoch { $epoch } on the chain.
demo-bulk-claimed = A citizen took the badge of her row; the same offer does not work twice.
