### 대량 발급 작업의 행별 결과

jobs-finding = "{ $column }" 열의 값이 이 증명서의 규칙에 맞지 않습니다({ $code }).
jobs-finding-row-malformed = 칸 수가 첫 줄과 다릅니다.
jobs-finding-row-too-long = 한 행이 너무 깁니다. 닫히지 않은 따옴표가 없는지 확인하세요.
jobs-finding-too-many-columns = 열이 너무 많습니다.
jobs-finding-row-twice = 이 파일의 앞 행과 내용이 같습니다.
jobs-finding-row-issued-before = 다른 작업에서 이미 발급한 행입니다.
jobs-finding-cell-nul = 쓸 수 없는 문자(NUL)가 들어 있습니다.
jobs-finding-cell-not-text = 글자로 읽을 수 없는 값입니다. 파일의 문자 인코딩을 확인하세요.
jobs-finding-cell-forbidden-number = 주민등록번호로 보이는 번호가 들어 있습니다. 어떤 칸에도 적을 수 없습니다.
jobs-finding-cell-formula = 수식으로 시작하는 값은 받지 않습니다.
jobs-finding-cell-control-character = 쓸 수 없는 제어 문자가 들어 있습니다.
jobs-finding-cell-too-long = 값이 너무 깁니다.
jobs-finding-kind-unknown = 종목 목록에 없는 종목코드입니다.
jobs-finding-kind-missing = 종목코드가 비어 있습니다.
jobs-finding-kind-not-entitled = 이 발급기관이 발급할 수 없는 종목입니다.
jobs-finding-date-malformed = 날짜는 2025-06-18과 같이 적어야 합니다.
jobs-finding-date-missing = 합격일이 비어 있습니다.
jobs-finding-column-conflict = 두 열이 같은 자리를 가리킵니다.
jobs-finding-job-cancelled = 작업이 취소되어 발급하지 않았습니다.
jobs-finding-cannot-secure = 서명할 수 없어 보류했습니다.
jobs-stall = 작업이 기다리고 있습니다({ $code }). 진행 위치는 그대로이며 스스로 다시 시도합니다.
jobs-stall-store-full = 저장소의 디스크가 가득 찼습니다. 진행 위치는 그대로이며 두 번 발급되는 것은 없습니다. 공간을 확보한 뒤 서비스를 다시 시작해 주세요.
jobs-stall-store-failed = 저장소가 응답하지 않습니다. 진행 위치는 그대로이며 저장소가 돌아오면 스스로 이어집니다.
jobs-stall-signing-failed = 서명 키를 쓸 수 없습니다. 진행 위치는 그대로이며 키 장치가 돌아오면 스스로 이어집니다.
jobs-stall-job-unreconciled = 작업의 합계가 맞지 않습니다. 운영자가 확인할 때까지 마감하지 않습니다.
jobs-stall-store-closed = 쓰기가 한 번 실패하여 저장소가 더 이상 쓰기를 받지 않습니다. 대개 디스크가 가득 찬 경우입니다. 진행 위치는 그대로이며 두 번 발급되는 것은 없습니다. 공간을 확보한 뒤 서비스를 다시 시작해 주세요.
