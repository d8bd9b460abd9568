### 발급 서비스의 페이지

issuer-code-instead = 촬영할 수 없으면 이 숫자를 불러 주세요. 받는 사람이 입력할 곳:
issuer-code-title = 숫자로 열기
issuer-code-lead = 발급기관이 불러 준 열두 자리 숫자를 입력하세요.
issuer-code-label = 숫자
issuer-code-go = 열기
issuer-code-unknown = 그런 숫자가 없거나 시간이 지났습니다.
issuer-code-wait = 틀린 숫자가 너무 많이 입력되었습니다. 1분 뒤 다시 해 주세요.
issuer-offer-title = { $credential } 받기
issuer-offer-how = 휴대전화의 전자지갑으로 아래 QR 코드를 촬영하면 증명서를 지갑에 담을 수 있습니다.
issuer-offer-qr = 증명서를 받는 QR 코드
issuer-offer-open = 이 기기의 전자지갑에서 열기
issuer-offer-tx-code = 지갑이 거래번호 6자리를 물으면 발급기관이 따로 알려 드린 번호를 입력하세요. 다섯 번 틀리면 이 발급 안내는 쓸 수 없게 됩니다.
issuer-offer-until = { $moment }까지 받을 수 있습니다. 이 기한은 증명서의 유효기간이 아닙니다.
issuer-offer-closed = 받을 수 없는 발급 안내입니다
issuer-offer-used = 이 발급 안내로 이미 증명서를 받았습니다.
issuer-offer-dead = 거래번호를 여러 번 잘못 입력하여 이 발급 안내를 더 이상 쓸 수 없습니다.
issuer-offer-expired = 받을 수 있는 기한이 지났습니다.
issuer-offer-unknown = 이 주소에는 발급 안내가 없습니다.
issuer-offer-ask-again = 발급기관에 새 발급 안내를 요청하세요.
