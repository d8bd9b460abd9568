# 진위확인 창구(웹 화면)의 문장. 용어는 wording.md를 따른다.

## 길잡이

desk-nav-label = 주 메뉴
desk-nav-check = 진위확인
desk-nav-ask = 제출 요청
desk-nav-many = 여러 명 확인
desk-nav-offline = 인터넷 없이

## 첫 화면

desk-home-lead = { $name } · 설치할 것이 없습니다. QR을 촬영하거나 파일을 놓으면 바로 확인합니다.
desk-home-ask = 지갑에 요청하기
desk-home-ask-lead = QR을 보여 주면 상대방의 지갑이 필요한 항목만 제출합니다.
desk-home-many = 여러 명 한꺼번에
desk-home-many-lead = 지원자들의 파일을 폴더나 ZIP으로 놓거나, 링크 하나로 받으세요.
desk-scan = 카메라로 QR 촬영
desk-viewfinder = 카메라 화면
desk-scanning = QR을 화면 가운데에 맞춰 주세요.
desk-scan-stop = 촬영 그만두기
desk-drop = 파일을 여기에 놓거나 고르세요
desk-drop-hint = PDF, 사진, 화면 갈무리, 배지 그림(PNG·SVG), JSON, 토큰, 예전 검증 영수증. 여러 파일·폴더·ZIP도 됩니다.
desk-another-day = 다른 날짜 기준으로 확인
desk-another-day-hint = 그날 끝(한국시간) 기준으로 유효했는지 답합니다. 서명과 키는 지금 아는 것으로 판단합니다.
desk-camera-refused = 카메라를 쓸 수 없습니다. 브라우저의 카메라 허용을 확인하거나 사진 파일을 올려 주세요.
desk-offline = 지금 서버에 연결되지 않습니다. 연결된 뒤 다시 시도해 주세요. 촬영한 내용은 보내지지 않았습니다.
desk-sending = 보내고 있습니다.
desk-unsent = 연결이 끊겨 답을 받지 못했습니다. 고른 파일과 적은 내용은 그대로 있습니다. 인터넷을 확인하고 다시 보내세요.
desk-busy = 지금 요청이 많아 처리하지 못했습니다. 고른 파일과 적은 내용은 그대로 있습니다. 잠시 뒤 다시 보내세요.
desk-resend = 다시 보내기

## 읽지 못한 까닭

desk-refused-nothing = 내용이 비어 있습니다.
desk-refused-too-large = 파일이 너무 큽니다. 문서 하나는 12 MB까지 받습니다.
desk-refused-no-code = 그림에서 QR을 읽지 못했습니다. 더 크고 또렷한 사진을 올려 주세요.
desk-refused-other-code = QR을 읽었지만 증명서가 아닙니다.
desk-refused-wallet-link = 지갑에서 여는 링크입니다. 증명서가 아니므로 지갑 앱으로 여세요.
desk-refused-several = 서로 다른 증명서가 둘 이상 들어 있습니다. 하나씩 올려 주세요.
desk-refused-pdf-without = PDF에서 첨부된 증명서도 QR도 찾지 못했습니다. QR 부분을 화면 갈무리해 올려 보세요.
desk-refused-pdf-locked = 비밀번호가 걸린 PDF입니다. 잠금을 푼 파일을 요청하세요.
desk-refused-pdf-too-long = PDF에 내용이 너무 많아 모두 살펴보지 못했습니다. 증명서가 있는 쪽만 올려 주세요.
desk-refused-unknown-file = 증명서를 담을 수 없는 종류의 파일입니다.
desk-refused-staple = 증명서와 함께 온 증거를 읽을 수 없습니다.
desk-zip-unreadable = ZIP을 열 수 없습니다.
desk-zip-locked = 비밀번호가 걸린 ZIP입니다.
desk-zip-too-many = ZIP에 든 파일이 너무 많습니다.
desk-zip-too-large = ZIP을 풀면 너무 커집니다. 열지 않았습니다.

## 요청

desk-ask-title = 지갑에 제출 요청하기
desk-ask-closed = 이 창구에서 요청을 만들려면 담당자의 토큰이 필요합니다.
desk-position-here = 이 기기의 위치 쓰기
desk-position-none = 위치를 알 수 없습니다. 위치 권한을 허용하거나 위도와 경도를 직접 적어 주세요.
desk-position-lat = 위도(°)
desk-position-lon = 경도(°)
desk-position-accuracy-m = 위치 정확도(m)
desk-position-agl-m = 지상고도(m)
desk-steps = 진행
desk-step-requested = QR 촬영을 기다립니다
desk-step-fetched = 지갑이 요청을 받았습니다. 상대방의 동의를 기다립니다
desk-step-answered = 제출되었습니다
desk-lost = 연결이 잠시 끊겼습니다. 다시 연결되면 이어집니다. 제출된 것은 사라지지 않습니다.
desk-code-instead = 촬영할 수 없으면 이 숫자를 불러 주세요. 상대방이 입력할 곳:
desk-code-title = 숫자로 열기
desk-code-lead = 제출처가 불러 준 여덟 자리 숫자를 입력하세요.
desk-code-label = 숫자
desk-code-go = 열기
desk-code-unknown = 그런 숫자가 없거나 시간이 지났습니다.
desk-code-wait = 틀린 숫자가 너무 많이 입력되었습니다. 1분 뒤 다시 해 주세요.
desk-gone-title = 볼 수 없습니다
desk-result-gone = 결과가 지워졌거나 다른 브라우저의 것입니다. 결과는 30분(묶음은 1시간) 뒤 지워집니다.

## 결과

desk-evidence = 보관
desk-evidence-lead = 화면 갈무리 대신 서명된 검증 영수증을 보관하세요. 나중에 이 화면에 다시 올리면 같은 판정이 재현됩니다.
desk-receipt-page = 검증 영수증
desk-receipt-bare = 영수증 파일(개인정보 없음)
desk-receipt-full = 영수증 파일(증명서 포함)
desk-print = 인쇄 또는 PDF로 저장
desk-next = 다음 증명서 확인
desk-view-battery-alt = 배터리 잔존용량(SOH) { $soh } %
desk-view-battery-soh = 잔존용량(SOH), { $definition }
desk-view-battery-end = 교체 기준 { $percent } %
desk-view-battery-left = 남은 수명 약 { $likely } { $unit } ({ $level } % 신뢰구간 { $low }–{ $high })
desk-view-map = 허가 구역 약도
desk-view-map-here = 허가 구역과 현재 위치 약도
desk-view-map-position = 현재 위치
desk-view-sheet-rank = 순위
desk-view-sheet-name = 선수
desk-view-sheet-team = 소속
desk-view-sheet-mark = 기록
desk-view-sheet-wind = 풍속
desk-view-sheet-confirmed = 확인기관

## 묶음

desk-batch-make = 파일 여러 개 확인
desk-batch-lead = 파일을 최대 300개(합계 96 MB)까지 골라 한 표로 확인합니다. ZIP도 됩니다.
desk-batch-files = 파일들
desk-batch-title = 문서 { $count }건 확인
desk-batch-working = 확인하고 있습니다. 이 화면을 닫아도 계속됩니다.
desk-batch-progress = 진행
desk-batch-when = 기준시각 { $when }. 상태 목록은 발급기관마다 한 번만 받아 모두 같은 정보로 판정했습니다.
desk-batch-too-large = 한 번에 96 MB까지 받습니다. 나누어 올려 주세요. 보낸 것은 없습니다.
desk-batch-too-many = 한 번에 300개까지 받습니다. 나누어 올려 주세요.
desk-table = 확인 결과 표
desk-column-number = 번호
desk-column-file = 파일
desk-column-person = 이름
desk-column-what = 종목
desk-column-grade = 등급
desk-column-awarded = 취득일
desk-column-authentic = 진본
desk-column-in-force = 유효
desk-column-entitled = 권한
desk-column-why = 비고
desk-answer-yes = 예
desk-answer-no = 아니요
desk-answer-unknown = 모름
desk-answer-link = 제출 내용
desk-duplicate = { $place }번과 같은 증명서입니다.
desk-filter = 보기
desk-filter-all = 모두
desk-filter-accept = 인정
desk-filter-reject = 불인정
desk-filter-unknown = 확인 못함
desk-filter-unread = 읽지 못함
desk-filter-dup = 중복
desk-csv = CSV로 저장

## 모아 받기

desk-collections-title = 여러 명 확인
desk-collections-lead = 링크 하나를 지원자 모두에게 보내면, 각자의 지갑이 답하고 결과가 한 표에 모입니다.
desk-collection-what = 확인할 내용
desk-collection-purpose = 제출용도
desk-collection-purpose-hint = 지원자에게 그대로 보입니다. 예: 2026년 하반기 채용
desk-collection-deadline = 마감
desk-collection-make = 모아 받기 시작
desk-collection-no-kind = 확인할 내용을 고르세요.
desk-collection-no-purpose = 제출용도를 적어 주세요.
desk-collection-bad-deadline = 마감은 오늘부터 180일 안이어야 합니다.
desk-collection-full = 더 만들 수 없습니다. 끝난 것이 지워진 뒤 다시 해 주세요.
desk-collection-alt = 제출 요청 QR
desk-collection-link = 지원자에게 보낼 링크
desk-collection-open = 받는 중
desk-collection-closed = 마감
desk-collection-secret = 이 화면의 주소를 아는 사람은 결과를 볼 수 있습니다. 지원자에게는 ‘지원자에게 보낼 링크’만 보내세요.
desk-collection-answers = 들어온 제출
desk-collection-over-title = 마감되었습니다
desk-collection-over = 이 요청은 { $when }에 마감되었습니다. 제출되지 않았습니다. 제출처에 문의하세요.
desk-collection-unknown = 그런 요청이 없습니다. 링크를 다시 확인하세요.
desk-invitation-here = 이 기기의 지갑으로 제출하려면 누르세요.
desk-invitation-once = 지갑이 무엇을 보낼지 먼저 보여 주고 동의를 받습니다. 발급받은 요청 하나로는 한 번만 제출됩니다.
desk-copy = 링크 복사
desk-copied = 복사했습니다

## 검증 영수증

desk-receipt-title = 검증 영수증
desk-receipt-lead = 무엇을 언제 어떤 근거로 확인했는지의 서명된 기록입니다. 증명서의 내용은 들어 있지 않습니다.
desk-receipt-verifier = 검증기관
desk-receipt-build = 검증 프로그램
desk-receipt-inputs = 근거 묶음 SHA-256
desk-receipt-documents = 확인한 문서의 지문과 코드
desk-receipt-lists = 사용한 목록과 블록체인 기록
desk-receipt-more = 그 밖에 { $count }건은 영수증 파일에 있습니다.
desk-receipt-replay = 영수증 파일을 진위확인 화면에 올리거나 wallet verify --replay 로 같은 판정을 재현할 수 있습니다.
desk-receipt-altered = 이 영수증은 위·변조되었습니다. 서명된 내용과 다릅니다.
desk-receipt-unreadable = 검증 영수증을 읽을 수 없습니다.
desk-replay-title = 검증 영수증 확인
desk-replay-signed = 영수증에 적힌 검증기관이 서명했습니다.
desk-replay-unchecked = 서명한 검증기관의 키를 조회하지 못했습니다.
desk-replay-same = 보관된 근거만으로 다시 판정한 결과가 같습니다.
desk-replay-other = 다시 판정한 결과가 다릅니다. 영수증을 그대로 믿지 마세요.
desk-replay-receipt-without-documents = 영수증에 증명서가 들어 있지 않아 다시 판정하지 못했습니다. 증명서 파일과 함께 wallet verify --replay 를 쓰세요.
desk-replay-receipt-other-document = 함께 든 문서가 그때 확인한 문서가 아닙니다.
desk-replay-receipt-unreadable = 영수증의 일부를 읽을 수 없습니다.
desk-replay-receipt-altered = 영수증의 일부가 바뀌었습니다.
desk-replay-then = 그때의 판정
desk-replay-now = 다시 판정

# Shared links
desk-share-title = 공유받은 증명서
desk-share-lead = 증명서의 소지자가 이 링크를 보냈습니다. 단추를 누르면 브라우저가 공유된 내용을 받아 링크에 든 열쇠로 풀고, 지금 이 시각에 효력이 있는지까지 진위확인을 합니다.
desk-share-privacy = 이 링크를 위해 보관된 내용은 암호화되어 있고 열쇠는 링크에만 있습니다. 진위확인을 위해 풀린 증명서가 이 창구로 전송됩니다. 소지자는 링크가 몇 번 열렸는지만 알 수 있고, 누가 열었는지는 알 수 없습니다.
desk-share-open = 열어서 진위확인
desk-share-no-script = 열쇠가 브라우저에만 있으므로 이 페이지는 자바스크립트가 필요합니다. 소지자에게 PDF를 요청해 주십시오.
desk-share-gone = 이 링크로는 더 이상 열 수 있는 것이 없습니다. 소지자가 거두었거나, 공유 기간이 끝났거나, 처음부터 없던 링크입니다. 증명서 자체의 효력과는 관계가 없습니다. 소지자에게 새 링크를 요청해 주십시오.
desk-share-wrong-key = 공유된 내용을 풀지 못했습니다. 링크의 열쇠가 다르거나 내용이 바뀌었습니다. 소지자에게 링크를 다시 보내 달라고 요청해 주십시오.
desk-share-no-key = 링크가 온전하지 않습니다. 열쇠가 든 # 뒤의 부분이 없거나 잘렸습니다. 링크 전체를 복사하거나 소지자에게 다시 요청해 주십시오.
desk-share-net = 연결되지 않았습니다. 잃은 것은 없습니다. 연결된 뒤 다시 시도해 주십시오.
desk-share-busy = 지금은 서비스가 답하지 못합니다. 잠시 뒤 다시 시도해 주십시오.
desk-share-old-browser = 이 브라우저로는 풀 수 없습니다. 최신 브라우저에서 https 주소로 열어 주십시오.
