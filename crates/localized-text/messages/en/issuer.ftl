### Pages of the issuing service

issuer-code-instead = Where nobody can scan, read these digits aloud. They are typed at:
issuer-code-title = Open by digits
issuer-code-lead = Type the twelve digits that the issuer read to you.
issuer-code-label = Digits
issuer-code-go = Open
issuer-code-unknown = There are no such digits, or their time is over.
issuer-code-wait = Too many wrong digits were typed. Try again in a minute.
issuer-offer-title = Receive: { $credential }
issuer-offer-how = Scan this QR code with the wallet on your phone to receive the credential.
issuer-offer-qr = QR code to receive the credential
issuer-offer-open = Open in the wallet on this device
issuer-offer-tx-code = If your wallet asks for a six-digit transaction code, enter the one the issuer told you separately. After five wrong entries this offer stops working.
issuer-offer-until = You can receive it until { $moment }. This is not the credential's own expiry date.
issuer-offer-closed = This offer cannot be used
issuer-offer-used = A credential was already received with this offer.
issuer-offer-dead = The transaction code was entered wrongly too often, so this offer no longer works.
issuer-offer-expired = The time to receive it is over.
issuer-offer-unknown = There is no offer at this address.
issuer-offer-ask-again = Please ask the issuer for a new offer.
