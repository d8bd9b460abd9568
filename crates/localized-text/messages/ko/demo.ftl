### `cargo xtask demo`가 들려주는 이야기.

demo-title-town = 신표: 진짜 부품으로 보는 신뢰의 사슬
demo-chain-started = 체인({$chain})이 돌고 계약 네 개가 배포되었습니다. 체인에는 기관의 열쇠와 묶음의 뿌리만 올라가고, 사람은 올라가지 않습니다.
demo-services-started = 발급기관은 {$issuer}, 검증기관은 {$verifier}에 있습니다. 표준 말고는 서로를 모르는 두 프로세스입니다.
demo-took = 여기까지 {$seconds}초 걸렸습니다.

demo-title-badge = 자격 배지: 발급 담당자에서 채용 담당자까지
demo-badge-kinds = 담당자가 자격 종목 목록을 가져옵니다({$count}종목).
demo-badge-offer = 담당자가 {$person}님에게 "{$name}" 배지를 QR로 건넵니다. 링크는 {$length}자이고, 확인번호 {$code}는 다른 길로 전합니다.
demo-badge-guess = QR만 본 사람이 확인번호 000000을 넣어 봅니다: 거절({$code}).
demo-badge-accepted = 맞는 확인번호로 지갑에 담았습니다: 증명서 {$count}건, 저마다 이 지갑에만 있는 열쇠에 묶였습니다.
demo-badge-anchored = {$epoch}회차가 체인에 고정되었습니다: 모든 증명서와 상태목록을 뿌리값 하나로 묶습니다.
demo-badge-asked = 채용 담당자가 QR을 띄웁니다. 지갑이 QR을 찍고 누가 묻는지 보여 줍니다: "{$who}".
demo-badge-presented = 소지자가 동의했습니다. 제출한 정보: {$claims}. 나머지는 지갑에 남습니다.
demo-badge-replay = 같은 제출 정보를 한 번 더 보냅니다: 거절({$code}).
demo-badge-forged = 배지의 글자 하나를 바꿔 다시 보여 줍니다: 진본입니까? {$answer}.
demo-badge-revoked = 담당자가 배지를 폐기합니다: {$reason}.
demo-verdict = 판정: 진본입니까? {$authentic} · 유효합니까? {$in_force} · 발급 권한이 있습니까? {$entitled}

demo-title-training = 훈련이력: 세 과정 가운데 한 과정만
demo-training-presented = 지갑 속 {$total}개 과정 가운데 {$shown}개만 보입니다. 나머지는 봉투에 담긴 채입니다.

demo-title-battery = 배터리: 보험사 기준에 맞을까
demo-battery-good = 첫째 보고서: 건강상태 {$soh} %. 보험사 기준(80 % 이상, 실측, 30일 이내): {$outcome}.
demo-battery-bad = 둘째 보고서: 건강상태 {$soh} %. 진본이고 유효하지만 기준에 못 미칩니다: {$outcome}.

demo-title-drone = 드론: 현장에서
demo-drone-inside = 현장 담당자가 비행승인, 조종자격, 기체신고를 한꺼번에 확인합니다. 승인구역 안: {$outcome}.
demo-drone-outside = 같은 드론이 5킬로미터 밖으로 나가면: {$outcome}.
demo-drone-unsure = 위치 오차가 9킬로미터인 휴대전화라면: {$outcome}. 짐작으로 "적합"이라 하지 않습니다.

demo-title-athlete = 경기실적: 학교에 내는 기록
demo-athlete = {$event}, {$mark}초, {$rank}위, 종목단체와 체육회가 차례로 확인: {$outcome}.

demo-title-authority = 발급 권한: 누가 발급해도 된다고 했습니까
demo-authority-founded = 부처와 종목단체와 공단이 계약을 함께 다스립니다(셋 가운데 둘). 부처가 공단을, 공단이 부서를 인정했고, 종목단체가 체육회를, 체육회가 공단을 인정했습니다. 모두 체인에 있습니다.
demo-authority-named = 누구의 인정인가: {$chain}.
demo-authority-suspended = 부처가 인정을 정지합니다.
demo-authority-restored = 정지가 끝납니다. 그 사이에 발급된 것에는 권한이 생기지 않습니다.
demo-title-nation = 한 나라의 한 해: 체인에 드는 비용
demo-nation-scale = 증명서 {$credentials}건, 폐기 {$revocations}건, {$epochs}회차. 시험이 잰 표로 계산한 전체 가스:
demo-nation-roots = 회차마다 뿌리값 하나
demo-nation-deltas = 회차마다 뿌리값 하나, 폐기 내역은 이벤트에
demo-nation-revocation = 폐기마다 거래 하나
demo-nation-record = 증명서마다 기록 하나
demo-nation-line = {$design}: 가스 {$gas}, 첫째의 {$times}배
demo-nation-epoch = 한 회차는 증명서가 열 건이든 천만 건이든 가스 {$gas}이면 됩니다.

demo-title-drill = 키 유출 훈련: 도난당한 키, 위조 배지, 물어볼 곳이 없는 상황
demo-drill-issued = 배지를 발급하고 체인에 고정했습니다. 서명 키: { $key }
demo-drill-rotated = 키를 교체했습니다. 지금까지 발급기관이 쓴 키는 { $count }개이며, 이전 키로 한 서명은 계속 유효합니다.
demo-drill-stolen = 키 저장소가 도난당했습니다. { $since }부터 { $key } 키를 다른 사람이 쓸 수 있습니다.
demo-drill-forged = 도둑이 다른 이름의 배지에 서명하고 날짜를 키가 안전하던 때로 앞당겼습니다. 서명만으로는 구별할 수 없습니다.
demo-drill-stated = 발급기관이 { $key } 키가 유출되었음을 체인에 기록했습니다.
demo-drill-evidence = 지갑 { $count }개가 배지와 함께 다닐 증거를 받았습니다.
demo-drill-off = 발급기관, 검증기관, 체인을 모두 껐습니다. 지갑은 네트워크 없이 검증합니다.
demo-drill-refused = 위조 배지는 고유한 사유로 거절되었습니다: { $code }

demo-done = 모든 판정이 기대와 같습니다.
demo-failed = 기대와 다릅니다: {$what}
demo-left-up = Ctrl-C를 누를 때까지 서비스가 켜져 있습니다. 이렇게 해 보세요:
demo-try-page = 채용 담당자의 화면: {$url}
demo-try-metadata = 발급기관이 내주는 것: {$url}
demo-try-request = 지갑을 기다리는 요청: {$url}
demo-try-wallet = 소지자의 지갑: {$command}

demo-word-yes = 예
demo-word-no = 아니오
demo-word-unknown = 알 수 없음
demo-word-pass = 적합
demo-word-fail = 부적합
demo-word-indeterminate = 판단할 수 없음
demo-word-reason = 시연용 착오

demo-title-bulk = 대량 발급: 한 줄에 한 장, 전원이 끊겨도 꼭 한 번
demo-bulk-file = 가상 인물 { $rows }행의 CSV 파일을 만들었습니다({ $bytes }바이트).
demo-bulk-checked = 발급 전에 모든 행을 점검했습니다: { $refused }행은 발급할 수 없습니다({ $seconds }초).
demo-bulk-approved = 파일을 올린 담당자는 승인하지 못하고, 다른 담당자가 승인했습니다.
demo-bulk-chain-off = 작업이 끝날 때까지 체인을 꺼 둡니다. 발급은 체인을 기다리지 않습니다.
demo-bulk-killed = 발급 서비스를 kill -9로 끊고 다시 켰습니다({ $count }번째, 그때까지 { $issued }행).
demo-bulk-reconciled = 대조: 입력 { $rows }행 = 발급 { $issued } + 거절 { $refused } + 보류 { $held }, 중복과 누락 없음.
demo-bulk-rate = { $seconds }초, 초당 { $rate }행, 강제 종료 { $kills }번 포함, 서비스의 최대 메모리 { $memory } MiB.
demo-bulk-anchored = 이 작업 전체의 루트가 체인의 에포크 { $epoch }에 있습니다.
demo-bulk-claimed = 한 시민이 자기 행의 증명서를 지갑에 담았고, 같은 안내로 두 번은 받을 수 없습니다.
