# 지갑 명령의 문장. 용어는 wording.md를 따른다.

## 화면 공통

wallet-error-label = 오류
wallet-hint-label = 도움말
wallet-yes-no = { " " }(예: y / 아니요: n){ " " }
wallet-none = 없음
wallet-unknown-name = 이름을 밝히지 않음

## 지갑 만들기

wallet-init-done = 지갑을 만들었습니다: { $home }
wallet-passphrase-ask = 지갑 비밀번호:{ " " }
wallet-passphrase-new = 새 지갑 비밀번호(8자 이상):{ " " }
wallet-passphrase-again = 한 번 더 입력:{ " " }

## 담기

wallet-offer-title = 증명서 발급 제안
wallet-offer-issuer = 발급기관: { $name }
wallet-offer-address = 주소: { $address }
wallet-offer-self-stated = (발급기관이 스스로 밝힌 이름입니다)
wallet-offer-items = 담을 증명서:
wallet-offer-item = { "  " }• { $name } [{ $format }]
wallet-offer-tx-code = 발급기관이 따로 알려 준 확인번호가 필요합니다.
wallet-offer-tx-code-shape = 확인번호는 { $length }자리입니다.
wallet-offer-tx-code-words = 발급기관 안내: { $text }
wallet-offer-ask = 전자지갑에 담으시겠습니까?
wallet-tx-code-ask = 확인번호:{ " " }
wallet-accept-declined = 담지 않았습니다. 제안은 그대로 남아 있습니다.
wallet-accept-stored = 담았습니다: { $name } ({ $id })
wallet-accept-unverified = { "  " }발급기관 서명은 확인하지 못했습니다({ $reason }).
wallet-accept-deferred = 발급기관이 아직 준비 중입니다: { $name } ({ $time } 이후 `wallet accept --resume`)
wallet-accept-failed = 받지 못했습니다: { $name } ({ $code })
wallet-accept-unacknowledged = 수신 확인을 발급기관에 아직 전하지 못했습니다. `wallet accept --resume`으로 다시 보냅니다.
wallet-abandoned = 진행 중이던 발급 { $count }건을 그만두었습니다. 이미 담은 증명서는 그대로 있습니다.
wallet-resume-nothing = 이어서 처리할 일이 없습니다.

## 목록과 상세

wallet-list-empty = 지갑이 비어 있습니다. `wallet accept <제안 링크>`로 담으세요.
wallet-list-id = 번호
wallet-list-name = 증명서
wallet-list-format = 형식
wallet-list-issuer = 발급기관
wallet-list-until = 유효기간
wallet-list-received = 담은 때
wallet-list-pending = 진행 중인 발급이 { $count }건 있습니다: `wallet accept --resume`
wallet-show-id = 번호
wallet-show-issuer = 발급기관
wallet-show-issuer-id = 발급기관 식별자
wallet-show-format = 형식
wallet-show-from = 발급일
wallet-show-until = 유효기간
wallet-show-received = 담은 때
wallet-show-check = 수신 시 서명 확인
wallet-show-check-verified = 확인됨
wallet-show-check-not = 확인하지 못함({ $reason })
wallet-show-copies = 사본
wallet-show-copies-count = { $count }부(제출 { $presented }회)
wallet-show-holder = 소지자 열쇠
wallet-show-holder-named = 증명서에 적혀 있음
wallet-show-holder-unnamed = 증명서에 적혀 있지 않음(제출자만 확인)
wallet-show-holder-none = 묶여 있지 않음
wallet-show-evidence = 증거
wallet-show-evidence-there = 있음, { $date } 받음(인터넷 없이 검증 가능)
wallet-show-evidence-none = 아직 없음(`wallet evidence fetch`)
wallet-show-claims = 내용
wallet-show-status-hint = 지금 유효한지는 `wallet verify { $id }`로 확인하세요.

## 제출

wallet-consent-title = 정보 제출 요청
wallet-consent-who = 누가 묻습니까
wallet-consent-name = 이름: { $name } (스스로 밝힌 이름)
wallet-consent-client = 식별자: { $id }
wallet-consent-signed-did = 서명: 이 식별자의 열쇠로 서명되었습니다({ $domain }).
wallet-consent-signed-certificate = 서명: 인증서 { $name }의 열쇠로 서명되었습니다.
wallet-consent-unsigned = 서명: 없습니다.
wallet-consent-answer-to = 답을 받는 곳: { $host }
wallet-consent-match-code = 확인 숫자: { $code } — 제출처 화면의 숫자와 다르면 거절하세요.
wallet-consent-why = 왜
wallet-consent-purpose = { $purpose } (제출처가 밝힌 목적)
wallet-consent-no-purpose = 목적을 밝히지 않았습니다.
wallet-consent-until = 언제까지
wallet-consent-until-time = { $time }까지 답할 수 있습니다.
wallet-consent-until-open = 기한을 밝히지 않았습니다.
wallet-consent-what = 무엇을
wallet-consent-credential = { $name } — { $issuer } ({ $id })
wallet-consent-discloses = { "  " }제출하는 항목:
wallet-consent-always = { "  " }언제나 함께 보이는 항목:
wallet-consent-nothing-more = { "  " }추가로 공개하는 항목이 없습니다.
wallet-consent-whole = { "  " }이 형식은 항목을 골라 낼 수 없어 전체가 제출됩니다.
wallet-consent-hidden = { "  " }가려 두는 항목: { $count }개
wallet-consent-alternatives = { "  " }대신 낼 수 있는 증명서: { $ids } (--choose { $query }=번호)
wallet-consent-optional = 선택 사항(내지 않아도 됩니다): { $queries } (--include-optional)
wallet-consent-ask = 이 정보를 제출하는 데 동의하십니까?
wallet-consent-refusing = 동의하지 않으면 아무것도 제출되지 않습니다. 제출처의 서비스를 이용하지 못할 수 있습니다.
wallet-warning = 주의: { $text }
wallet-warning-unsigned = 요청에 서명이 없어 누가 묻는지 확인할 수 없습니다.
wallet-warning-certificate-unanchored = 인증서를 보증하는 기관을 알지 못합니다. 인증서의 이름은 믿을 수 없습니다.
wallet-warning-answer-elsewhere = 답이 제출처의 주소가 아닌 다른 곳으로 갑니다.
wallet-warning-no-purpose = 왜 필요한지 밝히지 않았습니다.
wallet-warning-whole-credential = 필요한 항목만 골라 낼 수 없는 형식입니다. 증명서 전체가 제출됩니다.
wallet-warning-many-claims = 많은 항목을 요구합니다. 모두 필요한지 확인하세요.
wallet-warning-sensitive-claims = 생년월일·연락처처럼 민감한 항목이 들어 있습니다.
wallet-warning-identity-number = 주민등록번호와 같은 고유식별정보를 요구합니다. 제출하지 마세요.
wallet-present-done = 제출했습니다: { $name }
wallet-present-redirect = 이어서 이 주소를 브라우저에서 여세요: { $url }
wallet-present-refused = 거절했습니다. 아무것도 제출되지 않았습니다.
wallet-present-refusal-untold = 거절했습니다. 아무것도 제출되지 않았습니다. 제출처에는 알리지 못했습니다.

## 열쇠, 이력

wallet-keys-empty = 열쇠가 없습니다.
wallet-keys-label = 용도
wallet-keys-kind = 종류
wallet-keys-thumbprint = 지문
wallet-history-empty = 제출한 기록이 없습니다.
wallet-history-when = 때
wallet-history-who = 제출처
wallet-history-what = 항목
wallet-history-outcome = 결과
wallet-history-delivered = 제출함
wallet-history-refused = 거절함
wallet-history-sending = 전달 여부를 알 수 없음
wallet-history-failed = 실패({ $code })
wallet-history-count = { $name } { $count }개 항목

## 백업

wallet-backup-done = 백업했습니다: { $file } (증명서 { $count }건). 지갑 비밀번호로 암호화되어 있습니다.
wallet-restore-done = 복원했습니다: 증명서 { $count }건. 비밀번호는 백업할 때의 지갑 비밀번호입니다.

## 검증

wallet-evidence-fetched = { $name }: 증거를 받았습니다.
wallet-evidence-kept = { $name }: 전에 받은 증거가 더 많은 것을 증명하므로 그대로 두었습니다.
wallet-evidence-failed = { $name }: 증거를 받지 못했습니다({ $reason }).
wallet-pack-fetched = { $file }에 상태 묶음을 받았습니다({ $bytes }바이트, 변경분 { $deltas }개).
wallet-pack-shown =
    발급기관: { $issuer }
    만든 때: { $issued } (회차 { $epoch }), 다음 것이 나올 때: { $until }
    상태목록 { $lists }개, 자리 { $entries }개, 유효하지 않은 자리 { $set }개, { $bytes }바이트
wallet-pack-stale = 더 새로운 상태 묶음이 { $until }까지 나왔어야 합니다. `wallet status-pack fetch`로 새로 받으세요.
wallet-export-done = { $file }에 썼습니다.
wallet-export-qr = QR 버전 { $version }, 한 변 { $modules }칸.
wallet-export-qr-dense = 촘촘한 QR입니다. 원래 크기로 인쇄하고, 촬영할 때는 가까이에서 흔들리지 않게 잡으세요. 첨부된 파일로도 확인할 수 있습니다.
wallet-verify-time = 확인 시각: { $time }
wallet-verify-offline = 인터넷 없이 확인했습니다. 발급기관의 최신 상태는 알 수 없습니다.

## 오류와 도움말. 이름은 오류 코드와 같습니다.

wallet-error-other = 작업을 마치지 못했습니다({ $detail }).
wallet-hint-other = 같은 명령을 다시 실행하거나, 계속되면 오류 코드를 알려 주세요.
wallet-error-status-pack = 상태 묶음을 쓸 수 없습니다({ $detail }).
wallet-hint-status-pack = 파일을 지우고 발급기관에서 새로 받으세요. 증명서가 무효라는 뜻은 아닙니다.
wallet-error-no-evidence = 이 증명서의 증거가 없습니다({ $detail }).
wallet-hint-no-evidence = 발급기관과 연결될 때 `wallet evidence fetch`로 받아 두세요.
wallet-error-offer-invalid = 읽을 수 있는 발급 제안이 아닙니다({ $detail }).
wallet-hint-offer-invalid = 발급기관에서 받은 링크나 QR 그대로 넣었는지 확인하세요.
wallet-error-issuer-document-invalid = 발급기관의 응답이 표준에 맞지 않습니다({ $detail }).
wallet-hint-issuer-document-invalid = 발급기관에 알려 주세요. 제안은 사용되지 않았습니다.
wallet-error-grant-not-supported = 이 제안의 발급 방식은 아직 지원하지 않습니다.
wallet-hint-grant-not-supported = 사전 승인 코드 방식의 제안을 요청하세요.
wallet-error-invalid-client = 발급기관이 등록된 지갑만 받습니다.
wallet-hint-invalid-client = 발급기관에 익명 지갑 허용 여부를 문의하세요.
wallet-error-unknown-credential-configuration = 발급기관이 제안한 증명서를 더 이상 발급하지 않습니다({ $detail }).
wallet-hint-unknown-credential-configuration = 새 제안을 요청하세요.
wallet-error-format-not-supported = 이 증명서 형식은 지원하지 않습니다({ $detail }).
wallet-hint-format-not-supported = ldp_vc, jwt_vc_json, dc+sd-jwt 가운데 하나로 요청하세요.
wallet-error-key-not-supported = 발급기관이 요구하는 열쇠 방식을 지원하지 않습니다({ $detail }).
wallet-hint-key-not-supported = 다른 지갑을 쓰거나 발급기관에 문의하세요.
wallet-error-tx-code-required = 확인번호가 필요합니다.
wallet-hint-tx-code-required = 발급기관이 따로 알려 준 번호를 --tx-code로 넣으세요.
wallet-error-tx-code-unexpected = 이 제안에는 확인번호가 필요하지 않습니다.
wallet-hint-tx-code-unexpected = --tx-code 없이 다시 실행하세요.
wallet-error-tx-code-shape = 확인번호의 길이나 글자가 맞지 않습니다(자릿수: { $detail }).
wallet-hint-tx-code-shape = 번호를 다시 확인하세요. 아직 아무것도 보내지 않았습니다.
wallet-error-tx-code-refused = 발급기관이 확인번호를 받아들이지 않았습니다({ $detail }번째).
wallet-hint-tx-code-refused = 번호를 확인하고 다시 시도하세요. 여러 번 틀리면 제안이 폐기됩니다.
wallet-error-offer-spent = 이 제안은 이미 사용되었거나 기한이 지났습니다.
wallet-hint-offer-spent = `wallet list`에 이미 있는지 보고, 없으면 발급기관에 새 제안을 요청하세요.
wallet-error-already-accepted = 이미 담은 제안입니다.
wallet-hint-already-accepted = `wallet list`로 확인하세요.
wallet-error-issuer-refused = 발급기관이 거절했습니다({ $detail }).
wallet-hint-issuer-refused = 발급기관에 문의하세요.
wallet-error-token-expired = 발급기관의 허가 시간이 지났습니다.
wallet-hint-token-expired = 새 제안을 요청하세요.
wallet-error-nothing-received = 증명서를 받지 못했습니다({ $detail }).
wallet-hint-nothing-received = 발급기관에 이 코드를 알려 주세요.
wallet-error-no-such-session = 이어서 처리할 발급이 없습니다.
wallet-hint-no-such-session = `wallet accept <링크>`로 시작하세요.
wallet-error-credential-refused = 발급기관이 보낸 증명서를 담지 않았습니다({ $detail }).
wallet-hint-credential-refused = 발급기관에 알려 주세요.
wallet-error-forbidden-address = 안전하지 않은 주소라서 연결하지 않았습니다({ $detail }).
wallet-hint-forbidden-address = 내부망 주소로 이끄는 링크일 수 있습니다. 보낸 사람을 확인하세요. 개발 중이라면 --danger-plain-http를 쓰세요.
wallet-error-unreachable = 상대방에 연결하지 못했습니다({ $detail }).
wallet-hint-unreachable = 잠시 뒤에 다시 시도하세요. 진행 중이던 발급은 `wallet accept --resume`으로 이어집니다.
wallet-error-bad-answer = 상대방의 응답을 읽을 수 없습니다({ $detail }).
wallet-hint-bad-answer = 잠시 뒤에 다시 시도하고, 계속되면 상대방에 알려 주세요.
wallet-error-request-invalid = 받아들일 수 없는 요청입니다({ $detail }).
wallet-hint-request-invalid = 아무것도 제출되지 않았습니다. 제출처에 알려 주세요.
wallet-error-request-gone = 요청이 이미 사용되었거나 기한이 지났습니다.
wallet-hint-request-gone = 제출처에서 새 QR이나 링크를 받으세요.
wallet-error-request-untrusted = 요청의 서명을 믿을 수 없습니다({ $detail }).
wallet-hint-request-untrusted = 아무것도 제출되지 않았습니다. 누군가 요청을 위조했을 수 있습니다.
wallet-error-client-id-mismatch = 링크와 요청서의 제출처가 서로 다릅니다.
wallet-hint-client-id-mismatch = 아무것도 제출되지 않았습니다. 이 링크를 쓰지 마세요.
wallet-error-client-id-prefix-not-supported = 제출처의 신원 확인 방식을 지원하지 않습니다({ $detail }).
wallet-hint-client-id-prefix-not-supported = 제출처에 DID 또는 인증서 방식의 요청을 부탁하세요.
wallet-error-nothing-fits = 요청에 맞는 증명서가 지갑에 없습니다({ $detail }).
wallet-hint-nothing-fits = `wallet list`로 가진 증명서를 확인하세요.
wallet-error-vp-formats-not-supported = 맞는 증명서가 있지만 제출처가 받는 형식이 아닙니다.
wallet-hint-vp-formats-not-supported = 다른 형식으로 발급받아 다시 제출하세요.
wallet-error-bad-choice = 고른 증명서가 이 요청에 맞지 않습니다({ $detail }).
wallet-hint-bad-choice = --choose 질의=번호 형식인지, 번호가 맞는지 확인하세요.
wallet-error-verifier-refused = 제출처가 답을 받아들이지 않았습니다({ $detail }).
wallet-hint-verifier-refused = 제출처에서 새 요청을 받아 다시 시도하세요.
wallet-error-presentation-failed = 제출 정보를 만들지 못했습니다({ $detail }).
wallet-hint-presentation-failed = 다른 형식의 증명서로 시도하세요.
wallet-error-declined = 동의하지 않아 그만두었습니다.
wallet-hint-declined = 다시 하려면 같은 명령을 실행하세요.
wallet-error-consent-needed = 동의를 물을 수 없습니다. 터미널이 아닙니다.
wallet-hint-consent-needed = 내용을 확인했다면 --yes, 거절하려면 --refuse를 붙이세요.
wallet-error-unknown-id = 그런 번호의 증명서가 없습니다.
wallet-hint-unknown-id = `wallet list`로 번호를 확인하세요.
wallet-error-ambiguous-id = 여러 증명서에 해당하는 번호입니다({ $detail }).
wallet-hint-ambiguous-id = 번호를 더 길게 입력하세요.
wallet-error-input-unreadable = 입력을 읽을 수 없습니다({ $detail }).
wallet-hint-input-unreadable = 파일 경로나 링크를 확인하세요.
wallet-error-link-refused = 안전하지 않거나 알 수 없는 링크입니다({ $detail }).
wallet-hint-link-refused = openid-credential-offer:// , openid4vp:// 또는 https:// 링크만 받습니다.
wallet-error-no-qr-code = 그림에서 QR을 찾지 못했습니다.
wallet-hint-no-qr-code = QR 전체가 또렷하게 나오도록 다시 찍으세요.
wallet-error-several-qr-codes = 그림에 QR이 여러 개 있습니다.
wallet-hint-several-qr-codes = 하나만 나오도록 잘라서 다시 시도하세요.
wallet-error-link-of-other-kind = 이 명령에 맞는 링크가 아닙니다({ $detail }).
wallet-hint-link-of-other-kind = 발급 제안은 `wallet accept`, 제출 요청은 `wallet present`입니다.
wallet-error-qr-text = QR로 만들 수 없는 내용입니다({ $detail }).
wallet-hint-qr-text = 짧은 링크를 쓰세요.
wallet-error-wallet-missing = 지갑이 없습니다: { $detail }
wallet-hint-wallet-missing = `wallet init`으로 만들거나 --home을 확인하세요.
wallet-error-wallet-exists = 이미 지갑이 있습니다: { $detail }
wallet-hint-wallet-exists = 다른 위치를 --home으로 정하세요.
wallet-error-wallet-not-empty = 비어 있지 않은 곳에는 복원하지 않습니다: { $detail }
wallet-hint-wallet-not-empty = 새 위치를 --home으로 정하세요.
wallet-error-wallet-permissions = 다른 사용자가 지갑 폴더에 접근할 수 있습니다: { $detail }
wallet-hint-wallet-permissions = `chmod 700`으로 본인만 접근하게 하세요.
wallet-error-wallet-busy = 다른 프로그램이 지갑을 쓰고 있거나 지갑을 열 수 없습니다({ $detail }).
wallet-hint-wallet-busy = 다른 `wallet` 명령이 끝난 뒤 다시 시도하세요.
wallet-error-wrong-passphrase = 비밀번호가 맞지 않습니다.
wallet-hint-wrong-passphrase = 비밀번호를 확인하세요. 비밀번호를 잊으면 되찾을 수 없습니다.
wallet-error-passphrase-needed = 비밀번호를 물을 수 없습니다. 터미널이 아닙니다.
wallet-hint-passphrase-needed = --passphrase-file 또는 --passphrase-fd를 쓰세요.
wallet-error-passphrase-short = 비밀번호가 너무 짧습니다.
wallet-hint-passphrase-short = 8자 이상으로 정하세요.
wallet-error-passphrase-differs = 두 번 입력한 비밀번호가 다릅니다.
wallet-hint-passphrase-differs = 다시 실행하세요.
wallet-error-wallet-damaged = 지갑 파일이 손상되었거나 바뀌었습니다({ $detail }).
wallet-hint-wallet-damaged = 백업에서 새 위치로 복원하세요: `wallet --home 새위치 restore 백업파일`
wallet-error-store-rolled-back = 지갑이 예전 상태로 되돌려져 있습니다({ $detail }).
wallet-hint-store-rolled-back = 최신 백업에서 새 위치로 복원하세요.
wallet-error-backup-damaged = 온전한 백업 파일이 아닙니다({ $detail }).
wallet-hint-backup-damaged = 다른 백업 파일로 시도하세요.
wallet-error-backup-newer = 더 새로운 프로그램이 만든 백업입니다.
wallet-hint-backup-newer = 프로그램을 업데이트하세요.
wallet-error-file-exists = 파일이 이미 있습니다: { $detail }
wallet-hint-file-exists = 다른 이름을 쓰세요. 기존 백업을 덮어쓰지 않습니다.
wallet-error-settings = 설정이 올바르지 않습니다({ $detail }).
wallet-hint-settings = `wallet --help`를 보세요.
wallet-error-verify-input = 검증할 증명서를 읽을 수 없습니다({ $detail }).
wallet-hint-verify-input = 증명서 파일, 지갑 번호 또는 - (표준 입력)를 주세요.

## 짐작과 진행 표시

wallet-did-you-mean = 혹시 { $near }입니까?
wallet-progress-issuer = 발급기관과 통신하고 있습니다 …
wallet-progress-verifier = 제출처와 통신하고 있습니다 …
wallet-progress-checking = 확인하고 있습니다 …

## 파일에 있는 열쇠와 DID

wallet-did-key-written = 개인 열쇠를 { $file }에 담았습니다. 본인만 읽을 수 있습니다. DID:
wallet-did-key-stored = 개인 열쇠는 지갑의 열쇠 저장소에 { $label }(으)로 남습니다. DID:
wallet-error-key-refused = 열쇠를 쓸 수 없습니다({ $detail }).
wallet-hint-key-refused = 열쇠 파일은 JWK나 JSON으로 적은 Multikey입니다. `wallet did keygen --output 파일`로 만들거나, store:이름으로 지갑의 열쇠를 쓰세요.
wallet-error-key-label = 이 이름은 쓸 수 없습니다({ $detail }).
wallet-hint-key-label = 아직 쓰지 않은 1~128자의 다른 이름을 고르세요.
wallet-error-unknown-key-label = 지갑의 열쇠 저장소에 그런 열쇠가 없습니다: { $detail }
wallet-hint-unknown-key-label = `wallet keys`로 목록을 보세요.
wallet-error-output-unwritable = 결과를 쓸 수 없습니다({ $detail }).
wallet-hint-output-unwritable = --output으로 정한 위치를 확인하세요.
wallet-error-malformed-did = DID가 아닙니다({ $detail }).
wallet-hint-malformed-did = DID는 did:key:z6Mk… 또는 did:web:example.org 모양입니다.
wallet-error-unresolved-did = DID의 문서를 얻지 못했습니다({ $detail }).
wallet-hint-unresolved-did = did:web에는 인터넷이 필요합니다: `wallet did resolve --network`

## 파일에 있는 증명서

wallet-error-vc-refused = 받아들이지 않았습니다({ $detail }).
wallet-hint-vc-refused = 맨 앞의 코드가 이유입니다. 선택 사항은 `wallet vc --help`에 있습니다.
wallet-error-vc-unknown = 판단할 수 없습니다({ $detail }).
wallet-hint-vc-unknown = 좋다는 뜻도 나쁘다는 뜻도 아닙니다. --offline 없이 실행하면 인터넷으로 확인하고, --did-document로 믿는 문서를 줄 수 있습니다.
wallet-vc-file = 파일
wallet-vc-result = 결과
wallet-vc-format = 형식
wallet-vc-issuer = 발급기관
wallet-vc-reason = 이유
wallet-vc-verified = 확인됨
wallet-vc-refused = 거절
wallet-vc-unknown = 알 수 없음
wallet-vc-duplicate = { $file }와(과) 같음
wallet-vc-summary = 모두 { $count }건: 확인됨 { $verified }, 거절 { $refused }, 알 수 없음 { $unknown }
wallet-vc-is-verified = 확인되었습니다. 서명이 맞고 문서가 규칙에 맞습니다.
wallet-vc-is-refused = 확인되지 않았습니다.
wallet-vc-is-unknown = 판단할 수 없습니다.
wallet-vc-warning = 참고: { $text }
wallet-vc-entitlement = 발급할 자격이 있는 기관인지는 `wallet verify`가 알려 줍니다.

## 도움말
wallet-help = 지갑: 터미널에서 증명서를 받고, 보관하고, 제출하고, 검증합니다
wallet-help-long = 종료 코드: 0 마침, 1 답이 '아니오', 2 하지 못함
wallet-help-init = 새 지갑을 만듭니다
wallet-help-accept = 발급 제안을 받아 지갑에 담습니다: 링크, QR 그림, 또는 - (표준 입력)
wallet-help-list = 지갑에 담긴 증명서를 보여 줍니다
wallet-help-show = 증명서 하나를 보여 줍니다
wallet-help-present = 제출 요청에 답합니다: 링크, QR 그림, 또는 - (표준 입력)
wallet-help-verify = 증명서 진위확인: 파일, PDF, 그림, QR 글, 이 지갑의 ID, 또는 -(표준 입력)
wallet-help-evidence = 인터넷 없는 검증에 쓸 증거를 받고 보여 줍니다
wallet-help-evidence-fetch = 발급기관의 증거를 받아 증명서 곁에 둡니다
wallet-help-evidence-show = 증명서의 증거를 보여 줍니다
wallet-help-status-pack = 인터넷 없는 검증에 쓸, 발급기관의 모든 증명서 상태를 받고 보여 줍니다
wallet-help-status-pack-fetch = 발급기관의 상태 묶음을 파일로 받거나, 있는 파일을 새것으로 만듭니다
wallet-help-status-pack-fetch-output = 파일. 이미 있으면 새것으로 만듭니다
wallet-help-status-pack-show = 상태 묶음 파일의 내용과 만든 때를 보여 줍니다
wallet-help-verify-status-packs = 상태목록을 받을 수 없을 때 대신 답할 발급기관의 상태 묶음(되풀이 가능)
wallet-help-trust-list = 인정된 발급기관 목록에 서명합니다
wallet-help-trust-list-sign = 운영기관의 열쇠로 신뢰목록에 서명합니다
wallet-help-export = 남에게 줄 파일로 증명서를 씁니다
wallet-help-keys = 지갑의 열쇠를 보여 줍니다(공개 부분만)
wallet-help-history = 언제 누구에게 무엇을 제출했는지 보여 줍니다
wallet-help-backup = 지갑 전체를 암호화된 파일 하나에 씁니다
wallet-help-restore = 백업을 비어 있는 새 위치에 복원합니다
wallet-help-qr = 링크나 DID 같은 글을 QR로 보여 줍니다
wallet-help-did = 열쇠를 만들고 이름을 알아내고, DID 문서를 찾습니다
wallet-help-did-keygen = 새 열쇠를 만듭니다: 본인만 읽는 파일이나 지갑의 열쇠 저장소에
wallet-help-did-from-key = 열쇠의 DID를 출력합니다
wallet-help-did-verification-method = 열쇠의 검증 방법(verification method)을 출력합니다
wallet-help-did-resolve = DID의 문서를 출력합니다
wallet-help-vc = 파일에 있는 증명서를 발급·검증·선택 제출·제출합니다
wallet-help-vc-issue = 증명서에 서명합니다: Data Integrity, JOSE, COSE 또는 SD-JWT
wallet-help-vc-verify = 서명된 증명서를 검증합니다: 파일, 폴더, 또는 - (표준 입력)
wallet-help-vc-derive = 고른 부분만 드러낸 증명서를 만듭니다(ecdsa-sd-2023, bbs-2023, SD-JWT)
wallet-help-vc-present = 증명서를 한 제출처를 위한 제출 정보로 묶습니다
wallet-help-vc-verify-presentation = 제출 정보와 그 안의 증명서를 검증합니다
wallet-help-completions = 셸 자동 완성 스크립트를 출력합니다
wallet-help-man = 설명서(roff)를 출력하거나, 명령마다 한 쪽씩 씁니다

## 어디서나 뜻이 같은 선택 사항

wallet-help-all-home = 지갑 폴더
wallet-help-all-passphrase-file = 이 파일의 첫 줄에서 비밀번호를 읽습니다
wallet-help-all-passphrase-fd = 열려 있는 이 파일 기술자의 첫 줄에서 비밀번호를 읽습니다
wallet-help-all-lang = 문장의 언어: ko 또는 en
wallet-help-all-json = 표준 출력에 JSON 값 하나를 씁니다
wallet-help-all-danger-plain-http = 위험, 개발용: 이 호스트:포트와는 http로 통신합니다(되풀이 가능)
wallet-help-all-certificate-anchors = 제출처의 이름을 보증하는 이 인증서(PEM 또는 DER)를 믿습니다(되풀이 가능)
wallet-help-all-offline = 인터넷을 쓰지 않습니다
wallet-help-all-did-documents = 인터넷에 묻지 않고 대신 쓸, 믿는 DID 문서(되풀이 가능)
wallet-help-all-output = 결과를 표준 출력 대신 이 파일에 씁니다
wallet-help-did-keygen-output = 개인 열쇠를 본인만 읽을 수 있는 이 새 파일에 씁니다

## 종이 위에서

wallet-paper-attached = 검증용 증명서 원본
wallet-paper-code = 증명서 전체가 담긴 QR: 인터넷 없이 진위를 확인할 수 있습니다
wallet-paper-how = 진위확인: 진위확인 창구에서 QR을 촬영하거나 이 파일을 `wallet verify`로 확인하세요. 증명서 원본은 QR 안에 있고, 이 파일에도 첨부되어 있습니다.
wallet-paper-state = 지금 효력이 있는지는 진위확인을 해야 알 수 있습니다. 이 종이만으로는 아무것도 증명되지 않습니다.
wallet-paper-more = 나머지 { $count }개 항목은 첨부된 증명서에 있습니다.
wallet-paper-day = 출력일 { $day }
wallet-error-paper = 종이용 증명서로 읽거나 만들 수 없습니다({ $detail }).
wallet-hint-paper = 밝은 곳에서 QR 전체가 나오게 다시 촬영하거나 파일로 받으세요.
wallet-error-paper-format = { $detail } 형식의 증명서는 QR에 담을 수 없습니다.
wallet-hint-paper-format = ldp_vc 형식의 증명서를 고르거나(`wallet list`), --pdf 없이 파일로 내보내세요.
wallet-error-picture = 이 그림에는 쓸 수 있는 증명서가 없습니다({ $detail }).
wallet-hint-picture = 원본 파일을 받으세요. 메신저는 그림 속 증명서를 지웁니다.
wallet-error-font-missing = 이 컴퓨터에서 한글 글꼴을 찾지 못했습니다.
wallet-hint-font-missing = 글꼴을 설치하거나(Debian: fonts-nanum 또는 fonts-noto-cjk) --font로 글꼴 파일을 지정하세요.
wallet-error-font-lacks-letters = 글꼴에 "{ $detail }" 글자가 없습니다.
wallet-hint-font-lacks-letters = --font로 한글 글꼴을 지정하세요. 예: NotoSansKR-Regular.otf
wallet-help-export-pdf = 인터넷 없이 확인되는 QR이 든 인쇄용 문서(PDF) 만들기. --output이 필요합니다
wallet-help-export-picture = 증명서를 심은 그림 만들기(Open Badges 3.0). --output이 필요합니다
wallet-help-export-desk = QR이 증명서만 담지 않고 이 진위확인 창구(https://…)를 열게 하기
wallet-help-export-font = 문서의 글꼴. 없으면 시스템의 한글 글꼴
wallet-help-verify-replay = 이 영수증에 보관된 근거만으로 같은 판정을 다시 냅니다(누구에게도 묻지 않음)
wallet-replay-same = 보관된 근거만으로 다시 판정한 결과가 영수증과 같습니다.
wallet-replay-other = 보관된 근거로 다시 판정한 결과가 영수증과 다릅니다.
wallet-replay-signed = 영수증에 적힌 검증기관이 서명했습니다.
wallet-replay-unchecked = 영수증의 서명자를 확인하지 않았습니다. 검증기관의 DID 문서를 --did-document로 주세요.

## Shared links

wallet-share-consent = { $name }을(를) 링크로 공유하려고 합니다. 링크를 가진 사람은 { $until }까지 { $desk }에서 열 수 있습니다.
wallet-share-whole = 안에 든 내용이 모두 보입니다.
wallet-share-only = 가릴 수 있는 항목 가운데 다음만 보입니다: { $claims }
wallet-share-could = --claim 경로 로 필요한 항목만 고를 수 있습니다: { $claims }
wallet-share-validity = 위 시각은 링크의 기한일 뿐입니다. 증명서 자체의 유효기간은 { $until }까지입니다.
wallet-share-means = 창구에는 암호화된 내용만 보관되고 열쇠는 링크에만 있습니다. 열 때마다 증명서의 효력을 다시 확인합니다. 이미 연 사람이 따로 저장한 사본은 거둘 수 없습니다.
wallet-share-ask = 링크를 만들까요?{" "}
wallet-share-declined = 링크를 만들지 않았습니다.
wallet-share-made =
    { $link }
    이 링크는 { $until }까지 열립니다. 거두려면: wallet share withdraw { $id }
wallet-share-withdrawn = 링크 { $id }을(를) 거두었습니다. 더 이상 열리지 않습니다.
wallet-shares-none = 아직 만든 링크가 없습니다.
wallet-shares-means = 열람 횟수는 링크 페이지에서 단추를 누른 횟수입니다. 미리보기나 방문만으로는 세지 않고, 같은 사람이 여러 번 셀 수 있으며, 누가 열었는지는 알 수 없습니다.
wallet-share-line = { $id }  { $name }  용도: { $for }  { $state }, { $until }까지 열림.
wallet-share-opened = { $count }번 열림, 마지막 { $last }.
wallet-share-unopened = 아직 열리지 않음.
wallet-share-state-open = 열려 있음
wallet-share-state-withdrawn = 거둠
wallet-share-state-over = 기한이 지남
wallet-share-state-gone = 창구에 더 이상 없음
wallet-share-state-unknown = 지금은 알 수 없음(창구에 물어보지 못함)
wallet-error-share-expiry = "{ $detail }"은(는) 링크의 기한이 될 수 없습니다.
wallet-hint-share-expiry = 숫자와 단위를 90일 안에서 적어 주십시오: "7일", "12시간", "2주".
wallet-error-share-unknown-claim = 증명서에 고를 수 있는 항목 "{ $detail }"이(가) 없습니다.
wallet-hint-share-unknown-claim = --yes 없이 실행하면 고를 수 있는 항목이 보입니다. --claim 없이 공유할 수도 있습니다.
wallet-error-share-only-whole = 이 증명서는 전체로만 보일 수 있습니다.
wallet-hint-share-only-whole = --claim 없이 공유하거나 발급기관에 SD-JWT 형식을 요청해 주십시오.
wallet-error-share-unknown = 이 지갑이 만든 링크 가운데 그런 것이 없습니다.
wallet-hint-share-unknown = `wallet shares`로 링크와 번호를 볼 수 있습니다.
wallet-error-share-refused = 창구가 받지 않았습니다: { $detail }
wallet-hint-share-refused = 기한을 줄이거나, 한 시간 뒤 다시 하거나, --desk 로 다른 창구를 지정해 주십시오.
wallet-error-share-gone = 창구에 이 링크가 더 이상 없습니다.
wallet-hint-share-gone = 거두었거나 기한이 지났습니다. 새로 만들어 주십시오.
wallet-error-share-build = 링크를 만들지 못했습니다: { $detail }
wallet-hint-share-build = `wallet show`로 증명서를 확인해 주십시오.
wallet-help-share = 거두거나 기한이 지날 때까지 브라우저에서 증명서를 열 수 있는 링크를 만듭니다
wallet-help-share-id = 증명서 번호 또는 그 앞부분
wallet-help-share-purpose = 누구에게 또는 어디에 쓰는지, 본인의 목록에만 남고 전송되지 않습니다
wallet-help-share-expires = 링크가 열리는 기간: "7일", "12시간", "2주" (최대 90일)
wallet-help-share-desk = 암호화된 내용을 보관하고 링크를 여는 검증기관의 창구
wallet-help-share-claims = SD-JWT 증명서에서 이 항목만 보입니다(여러 번 가능). 없으면 모두 보입니다
wallet-help-share-yes = 묻지 않습니다
wallet-help-share-withdraw = 링크를 거둡니다. 창구가 내용을 지웁니다
wallet-help-share-withdraw-share = 링크 또는 `wallet shares`에 보이는 번호
wallet-help-shares = 만든 링크와 열린 횟수를 보입니다
