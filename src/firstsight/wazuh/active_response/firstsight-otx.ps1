# Answers an alert of firstsight on the endpoint it is about: active-response\bin\firstsight-otx.ps1 on Windows, for
# Windows PowerShell 5.1 and 4.0. execd starts it by firstsight-otx.cmd.
#
# execd writes one line, keeps its input open, waits for one line of output and then for its end, and starts nothing
# else meanwhile. So this answers check_keys (execd takes that whether the response has a timeout or not), puts the
# question into a folder, and leaves; a detached worker asks, one question after the other, and appends a line of JSON
# to active-responses.log where an indicator is found, and one where nobody could say.
#
# The file firstsight-otx is the same for Linux and macOS: a change here is a change there, and both read
# tests/wazuh/active_response/cases.json. Windows PowerShell reads this file as ANSI: letters are ASCII only. Nothing
# may reach the output but the answer to execd: no function leaves a value behind.

param(
    [string]$Role = 'respond'  # respond: as execd calls it; work: the worker; none: functions alone, for tests
)

$ErrorActionPreference = 'Stop'
$Name = 'firstsight-otx'
$Integration = 'firstsight_otx'  # not the service's: what an endpoint writes must not pass for its verdict
$Otx = 'https://otx.alienvault.com'
$Settings = @('mode', 'url', 'ca', 'token_file', 'key_file', 'authors', 'original')
$Harmless = @('akamai', 'alexa', 'false_positive', 'majestic', 'umbrella', 'whitelist')  # sources of OTX' validation
$Patience = 20  # seconds for a call, all in all
$ServiceWait = 10  # seconds that the service may take to ask OTX itself
$MostTries = 3
$Pause = 10  # seconds between tries, where the answer does not tell
$PauseMost = 60
$KeptHours = 24  # how long a question may wait, for a worker that was killed
$WaitingMost = 1000  # questions
$AnswerMost = 8388608  # bytes
$ItemsMost = 10  # of lists and texts: whatever strangers write, Wazuh takes the line
$TextMost = 200
$Utf8 = New-Object Text.UTF8Encoding $false
$ActiveResponse = Split-Path -Parent $PSScriptRoot
$Log = Join-Path $ActiveResponse 'active-responses.log'
$Waiting = Join-Path $ActiveResponse $Name
$Authority = $null  # the certificate that the named authority has, for the callback of the TLS handshake

# -- what is read and written: functions of their arguments alone -----------------------------------------------------

# An exception with a sentence for the operator. Again: seconds after which another try may succeed; negative: none.
function New-Failure([string]$Text, [double]$Again = -1) {
    $failure = New-Object InvalidOperationException $Text
    $failure.Data['again'] = $Again
    return $failure
}

# JSON as dictionaries that tell the case of keys apart, arrays and values. ConvertFrom-Json knows no such keys, and
# refuses more than 2 MB.
function Read-Json([string]$Text) {
    Add-Type -AssemblyName System.Web.Extensions
    $reader = New-Object Web.Script.Serialization.JavaScriptSerializer
    $reader.MaxJsonLength = [int]::MaxValue
    return , $reader.DeserializeObject($Text)
}

function Test-Object($Value) {
    return ($Value -is [Collections.Generic.Dictionary[string, object]])
}

# What stands at a path of objects; null where it ends earlier.
function Find-Value($Value, [string[]]$Path) {
    foreach ($key in $Path) {
        if (-not (Test-Object $Value) -or -not $Value.ContainsKey($key)) {
            return $null
        }
        $Value = $Value[$key]
    }
    return , $Value
}

function Get-Items($Value) {
    if ($Value -is [object[]]) {
        return , $Value
    }
    return , @()
}

# A text that strangers wrote, on one line and not without end; empty where it is none.
function Get-Text($Value, [int]$Most = $TextMost) {
    if ($Value -isnot [string]) {
        return ''
    }
    $text = [regex]::Replace($Value, '[\x00-\x1f\x7f-\x9f]+', ' ').Trim()
    if ($text.Length -gt $Most) {
        $text = $text.Substring(0, $Most)
    }
    return $text
}

# A name as it can be asked; empty where it is none.
function Get-HostName($Value) {
    if ($Value -isnot [string]) {
        return ''
    }
    $text = $Value.ToLowerInvariant().TrimEnd('.')
    if ($text.Length -lt 254 -and $text -cmatch '^[a-z0-9_*-]{1,63}(?:\.[a-z0-9_*-]{1,63})+\z') {
        return $text
    }
    return ''
}

# What execd's line asks: query, domain, alert_id, and whether the alert says already that the name is known. Null for
# an alert about a line of ours: whatever the response is bound to, it must not answer itself. Wazuh 4.x has the alert
# in parameters.alert, 5.x at the top.
function Get-Question($Message) {
    if (@('add', 'enable') -cnotcontains (Get-Text (Find-Value $Message @('command')))) {
        throw (New-Failure "The line of execd's is no whole JSON with a command: was the alert cut for its length?")
    }
    $alert = Find-Value $Message @('parameters', 'alert')
    $data = Find-Value $alert @('data')
    if (Test-Object (Find-Value $data @($Integration))) {
        return $null
    }
    $ours = Find-Value $data @('firstsight')
    if (-not (Test-Object $ours)) {
        $ours = Find-Value $data @('dnsstat')  # as the service writes it for the rules of Domain Stats
    }
    if (-not (Test-Object $ours) -and (Get-Text (Find-Value $Message @('event', 'module'))) -ceq 'firstsight') {
        $ours = New-Object 'Collections.Generic.Dictionary[string, object]'
        $ours['query'] = Find-Value $Message @('dns', 'question', 'name')
        $ours['domain'] = Find-Value $Message @('dns', 'question', 'registered_domain')
    }
    $query = Get-HostName (Find-Value $ours @('query'))
    if (-not $query) {
        $rule = Get-Text (Find-Value $alert @('rule', 'id'))
        if (-not $rule) {
            $rule = 'unknown'
        }
        throw (New-Failure ("The alert (rule $rule) is none of firstsight's about a name: bind the active response " +
            'to the group firstsight_alert alone.'))
    }
    $known = 'no'
    if ((Get-Items (Find-Value $ours @('reasons'))) -ccontains 'known_indicator') {
        $known = 'yes'
    }
    return [ordered]@{
        query = $query
        domain = Get-HostName (Find-Value $ours @('domain'))
        alert_id = Get-Text (Find-Value $ours @('alert_id'))
        known = $known
    }
}

# What execd is asked: whether this response is in force for the name already. The name needs no escaping.
function Get-CheckKeys([string]$Query) {
    return '{"version":1,"origin":{"name":"firstsight-otx","module":"active-response"},"command":"check_keys",' +
        '"parameters":{"keys":["' + $Query + '"]}}'
}

# A finding out of GET /v1/intel/NAME; null where nothing speaks against the name. Fails where nobody knows.
function Get-ToldByService($Answer) {
    $state = Get-Text (Find-Value $Answer @('state'))
    if (@('known', 'absent') -cnotcontains $state) {
        $reason = Get-Text (Find-Value $Answer @('reason'))
        if (-not $reason) {
            $reason = 'its answer has no state'
        }
        $later = Get-Text (Find-Value $Answer @('retry_at'))
        if ($later) {
            $later = ", until $later"
        }
        $again = -1
        if ($reason -ceq 'pending') {
            $again = $Pause
        }
        throw (New-Failure "firstsight could not find out: $reason$later." $again)
    }
    $verdict = Get-Text (Find-Value $Answer @('verdict'))
    if ($state -ceq 'absent' -or @('low', 'medium', 'high') -cnotcontains $verdict) {
        return $null
    }
    $finding = [ordered]@{ source = 'firstsight'; verdict = $verdict }
    return (Add-Pulses $finding (Get-Items (Find-Value $Answer @('pulses'))))
}

# The pulses of trusted authors in OTX' section "general"; none where OTX itself holds the name for harmless.
function Get-ToldByOtx($Answer, [string[]]$Authors) {
    $listed = Find-Value $Answer @('pulse_info', 'pulses')
    if ($listed -isnot [object[]]) {
        throw (New-Failure "What OTX answers is no ``general`` section.")
    }
    foreach ($entry in (Get-Items (Find-Value $Answer @('validation')))) {
        if ($Harmless -ccontains (Get-Text (Find-Value $entry @('source'))).ToLowerInvariant()) {
            return , @()
        }
    }
    $trusted = @(foreach ($pulse in $listed) {
        if ($Authors -ccontains (Get-Text (Find-Value $pulse @('author', 'username'))).ToLowerInvariant()) {
            $pulse
        }
    })
    return , $trusted
}

# A finding with what a line says of pulses, in the words of the service or of OTX.
function Add-Pulses($Finding, $Listed) {
    $ids = New-Object 'Collections.Generic.HashSet[string]'
    $pulses = @(foreach ($pulse in $Listed) {  # one may name the host and the domain
        if ($ids.Add((Get-Text (Find-Value $pulse @('id'))))) {
            $pulse
        }
    })
    $Finding['count'] = [string]$pulses.Count
    $Finding['pulses'] = Get-Distinct @(foreach ($pulse in $pulses) { Get-Text (Find-Value $pulse @('name')) })
    $Finding['pulse_ids'] = Get-Distinct @($ids)
    $Finding['authors'] = Get-Distinct @(foreach ($pulse in $pulses) {
        Get-Text (Find-Value $pulse @('author', 'username'))
        Get-Text (Find-Value $pulse @('author'))
    })
    $Finding['adversaries'] = Get-Distinct @(foreach ($pulse in $pulses) {
        Get-Text (Find-Value $pulse @('adversary'))
    })
    $Finding['malware_families'] = Get-Lists $pulses 'malware_families' 'display_name'
    $Finding['attack'] = Get-Lists $pulses 'attack' ''
    if ($Finding['attack'].Count -eq 0) {
        $Finding['attack'] = Get-Lists $pulses 'attack_ids' 'id'
    }
    $Finding['tags'] = Get-Lists $pulses 'tags' ''
    if ($Finding['pulse_ids'].Count -gt 0) {
        $Finding['url'] = $Otx + '/pulse/' + $Finding['pulse_ids'][0]
    }
    return $Finding
}

# The entries of a list that each pulse has: texts, or objects with a text under Inner.
function Get-Lists($Pulses, [string]$Key, [string]$Inner) {
    $texts = @(foreach ($pulse in $Pulses) {
        foreach ($entry in (Get-Items (Find-Value $pulse @($Key)))) {
            Get-Text (Find-Value $entry @($Inner))
            Get-Text $entry
        }
    })
    return , (Get-Distinct $texts)
}

# Each text once, without empty ones, and the first of them.
function Get-Distinct($Texts) {
    $seen = New-Object 'Collections.Generic.HashSet[string]'
    $kept = @(foreach ($text in $Texts) {
        if ($text -and $seen.Count -lt $ItemsMost -and $seen.Add($text)) {
            $text
        }
    })
    return , [string[]]$kept
}

# The line of a finding. Original: with the members by which the dashboards of the first OTX script go.
function New-FoundLine($Asked, $Finding, [bool]$Original) {
    $several = 'pulses'
    if ($Finding['count'] -ceq '1') {
        $several = 'pulse'
    }
    $first = 'no name'
    if ($Finding['pulses'].Count -gt 0) {
        $first = $Finding['pulses'][0]
    }
    $summary = $Asked['query'] + ": threat intelligence names it, in $($Finding['count']) $several ($first)"
    $line = New-Line 'found' $Asked $Finding @{ summary = $summary }
    if ($Original) {
        $kind = 'hostname'
        if ($Asked['query'] -ceq $Asked['domain']) {
            $kind = 'domain'
        }
        $line['sections'] = @('general')
        $line['type'] = $kind
        $line['base_indicator'] = [ordered]@{ indicator = $Asked['query']; type = $kind; access_type = 'public' }
    }
    return $line
}

# The line of a look-up that failed.
function New-FailedLine($Asked, [string]$Source, [string]$Why) {
    $why = Get-Text $Why 1000
    $summary = $why
    if ($Asked['query']) {
        $summary = $Asked['query'] + ' could not be looked up: ' + $why
    }
    return (New-Line 'failed' $Asked @{ source = $Source } ([ordered]@{ error = $why; summary = $summary }))
}

# Strings and lists of strings, without what is empty: Wazuh would write null, and numbers as %f. A text that begins
# like a list gets a blank: Wazuh would take it for one.
function New-Line([string]$Outcome, $Asked, $Finding, $More) {
    $fields = [ordered]@{ outcome = $Outcome }
    foreach ($part in @($Asked, $Finding, $More)) {
        foreach ($key in $part.Keys) {
            $value = $part[$key]
            if ($value -is [string] -and $value.StartsWith('[')) {
                $value = ' ' + $value
            }
            if ($value -and $value.Length -gt 0) {
                $fields[$key] = $value
            }
        }
    }
    return [ordered]@{ integration = $Integration; $Integration = $fields }
}

# Compact JSON of dictionaries, lists and texts. No text holds a control character: Get-Text has seen them all.
function ConvertTo-Line($Value) {
    if ($Value -is [Collections.IDictionary]) {
        $members = @(foreach ($key in $Value.Keys) { (ConvertTo-Line $key) + ':' + (ConvertTo-Line ($Value[$key])) })
        return '{' + ($members -join ',') + '}'
    }
    if ($Value -is [array]) {
        $texts = @(foreach ($entry in $Value) { ConvertTo-Line $entry })
        return '[' + ($texts -join ',') + ']'
    }
    return '"' + ([string]$Value).Replace('\', '\\').Replace('"', '\"') + '"'
}

# What OTX is asked: the host name, and the registrable domain where the alert names it.
function Get-Sections($Asked) {
    $sections = @()
    if ($Asked['query'] -cne $Asked['domain'] -and -not $Asked['query'].Contains('*')) {
        $sections += 'hostname/' + $Asked['query']
    }
    if ($Asked['domain']) {
        $sections += 'domain/' + $Asked['domain']
    }
    return , $sections
}

# -- settings ---------------------------------------------------------------------------------------------------------

# Lines of "key = value" beside the script; "#" begins a comment. Fails where they can't be used.
function Read-Settings([string]$Folder) {
    $path = Join-Path $Folder "$Name.conf"
    $values = @{ mode = 'service'; authors = 'AlienVault'; original = 'no' }
    $number = 0
    foreach ($line in (Read-File $path 'docs/active-response.md says what it holds').Split("`n")) {
        $number += 1
        $key, $value = $line.Split('=', 2)
        $key = $key.Trim()
        if ($key -and -not $key.StartsWith('#')) {
            if ($Settings -cnotcontains $key -or $null -eq $value) {
                $keys = $Settings -join ', '
                throw (New-Failure "$path, line $number is no ``key = value`` with one of $keys.")
            }
            $values[$key] = $value.Trim()
        }
    }
    if (@('service', 'otx') -cnotcontains $values['mode']) {
        throw (New-Failure "${path}: mode is ``service`` or ``otx``, not ``$($values['mode'])``.")
    }
    $direct = $values['mode'] -ceq 'otx'
    if ($direct -and -not $values['url']) {
        $values['url'] = $Otx
    }
    $uri = $null
    $valid = [Uri]::TryCreate([string]$values['url'], [UriKind]::Absolute, [ref]$uri)
    if (-not $valid -or $uri.UserInfo -or $uri.Query -or $uri.Fragment -or -not (
            $uri.Scheme -ceq 'https' -or ($uri.Scheme -ceq 'http' -and $uri.IsLoopback))) {
        throw (New-Failure ("$path needs ``url = https://HOST:PORT``, without a password in it; http:// is for this " +
            'machine.'))
    }
    $kind = 'token'
    $source = 'firstsight'
    if ($direct) {
        $kind = 'key'
        $source = 'otx'
    }
    $secretFile = $values["${kind}_file"]
    if (-not $secretFile) {
        $secretFile = "$Name.$kind"
    }
    $secretFile = [IO.Path]::Combine($Folder, $secretFile)
    $conf = @{
        direct = $direct
        source = $source
        url = $values['url'].TrimEnd('/')
        host = $uri.Host
        authors = @(foreach ($author in $values['authors'].Split(',')) { $author.Trim().ToLowerInvariant() })
        original = $values['original'] -ceq 'yes'
        authority = $null
        secretFile = $secretFile
        secret = Read-Secret $secretFile
    }
    if ($values['ca']) {
        $conf['authority'] = Read-Authority ([IO.Path]::Combine($Folder, $values['ca']))
    }
    return $conf
}

function Read-File([string]$Path, [string]$Advice) {
    try {
        return [IO.File]::ReadAllText($Path, $Utf8)
    }
    catch {
        $why = $_.Exception.GetBaseException().Message
        throw (New-Failure "$Path can't be read: $why $Advice.")
    }
}

# A token or key; fails where others than SYSTEM and administrators may read it.
function Read-Secret([string]$Path) {
    $secret = (Read-File $Path 'It holds the token or key, and no more').Trim()
    $identity = [Security.Principal.SecurityIdentifier]
    foreach ($rule in [IO.File]::GetAccessControl($Path).GetAccessRules($true, $true, $identity)) {
        $who = $rule.IdentityReference.Value
        if ($rule.AccessControlType -eq 'Allow' -and @('S-1-5-18', 'S-1-5-32-544') -cnotcontains $who) {
            throw (New-Failure ("$Path is open to others ($who) than SYSTEM and administrators: " +
                "icacls `"$Path`" /inheritance:r /grant:r *S-1-5-18:R *S-1-5-32-544:F"))
        }
    }
    if ($secret -cnotmatch '^[!-~]+\z') {
        throw (New-Failure "$Path holds no token or key, or blanks within it: put it there, and no more.")
    }
    return $secret
}

function Read-Authority([string]$Path) {
    try {
        return (New-Object Security.Cryptography.X509Certificates.X509Certificate2 $Path)
    }
    catch {
        $why = $_.Exception.GetBaseException().Message
        throw (New-Failure "$Path can't be read: $why It holds the authority that signed the certificate, as PEM.")
    }
}

# -- asking -----------------------------------------------------------------------------------------------------------

# A finding's line; null where nothing is known against the name. Fails where nobody could say.
function Get-Line($Conf, $Asked) {
    $finding = $null
    if (-not $Conf['direct']) {
        $finding = Get-ToldByService (Get-Answer $Conf ('/v1/intel/{0}?wait={1}' -f $Asked['query'], $ServiceWait))
    }
    else {
        $listed = @()
        $failure = $null
        foreach ($section in (Get-Sections $Asked)) {
            try {
                $answer = Get-Answer $Conf "/api/v1/indicators/$section/general"
                if ($null -ne $answer) {
                    $listed += Get-ToldByOtx $answer $Conf['authors']
                }
            }
            catch {
                $failure = $_.Exception.GetBaseException()
            }
        }
        if ($null -ne $failure -and $listed.Count -eq 0) {
            throw $failure
        }
        if ($listed.Count -gt 0) {
            $finding = Add-Pulses ([ordered]@{ source = 'otx' }) $listed
        }
    }
    if ($null -eq $finding) {
        return $null
    }
    return (New-FoundLine $Asked $finding $Conf['original'])
}

# One GET: the JSON of the answer, null for a 404 of OTX'.
function Get-Answer($Conf, [string]$Path) {
    [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
    $timer = [Diagnostics.Stopwatch]::StartNew()
    $request = [Net.WebRequest]::Create($Conf['url'] + $Path)
    $request.AllowAutoRedirect = $false
    $request.KeepAlive = $false
    $request.Timeout = $Patience * 1000
    $request.ReadWriteTimeout = $Patience * 1000
    $request.Accept = 'application/json'
    $request.UserAgent = $Name
    if ($Conf['direct']) {
        $request.Headers.Add('X-OTX-API-KEY', $Conf['secret'])
    }
    else {
        $request.Headers.Add('Authorization', 'Bearer ' + $Conf['secret'])
    }
    if ($null -ne $Conf['authority']) {
        $script:Authority = $Conf['authority']
        $request.ServerCertificateValidationCallback = {
            param($from, $certificate, $chain, $problems)
            Test-Certificate $certificate $chain ([int]$problems)
        }
    }
    try {
        $response = $request.GetResponse()
    }
    catch {
        $cause = $_.Exception
        while ($null -ne $cause -and $cause -isnot [Net.WebException]) {
            $cause = $cause.InnerException
        }
        if ($null -eq $cause -or $null -eq $cause.Response) {
            $why = $_.Exception.GetBaseException().Message
            throw (New-Failure "$($Conf['url']) gives no answer: $why" $Pause)
        }
        $response = $cause.Response  # of another status than 200
    }
    try {
        $status = [int]$response.StatusCode
        $later = [string]$response.Headers['Retry-After']
        $body = Read-Body $Conf ($response.GetResponseStream()) $timer
    }
    catch [Net.WebException], [IO.IOException] {
        $why = $_.Exception.GetBaseException().Message
        throw (New-Failure "$($Conf['url']) breaks its answer off: $why" $Pause)
    }
    finally {
        $response.Close()
    }
    return , (Get-Answered $Conf $status $later $body)
}

# Whether a certificate comes from the named authority, and names the host. The machine's own store does not count.
function Test-Certificate($Certificate, $Presented, [int]$Problems) {
    if (($Problems -band 3) -ne 0) {  # none at all, or another host's
        return $false
    }
    $chain = New-Object Security.Cryptography.X509Certificates.X509Chain
    $chain.ChainPolicy.RevocationMode = 'NoCheck'
    $chain.ChainPolicy.VerificationFlags = 'AllowUnknownCertificateAuthority'
    $null = $chain.ChainPolicy.ExtraStore.Add($Authority)
    foreach ($element in $Presented.ChainElements) {
        $null = $chain.ChainPolicy.ExtraStore.Add($element.Certificate)
    }
    $leaf = New-Object Security.Cryptography.X509Certificates.X509Certificate2 $Certificate
    if (-not $chain.Build($leaf)) {
        return $false
    }
    $last = $chain.ChainElements[$chain.ChainElements.Count - 1].Certificate
    return ([Convert]::ToBase64String($last.RawData) -ceq [Convert]::ToBase64String($Authority.RawData))
}

# A body that is neither without end nor dripping.
function Read-Body($Conf, $Stream, $Timer) {
    $kept = New-Object IO.MemoryStream
    $buffer = New-Object byte[] 65536
    while (($count = $Stream.Read($buffer, 0, $buffer.Length)) -gt 0) {
        $kept.Write($buffer, 0, $count)
        if ($kept.Length -gt $AnswerMost) {
            throw (New-Failure "The answer of $($Conf['url']) is too large to be one.")
        }
        if ($Timer.Elapsed.TotalSeconds -gt $Patience) {
            throw (New-Failure "$($Conf['url']) gives no answer: no answer in time." $Pause)
        }
    }
    return $Utf8.GetString($kept.ToArray())
}

# What an answer holds; see Get-Answer.
function Get-Answered($Conf, [int]$Status, [string]$Later, [string]$Body) {
    $url = $Conf['url']
    if ($Status -eq 404 -and $Conf['direct']) {
        return $null
    }
    if (@(401, 403) -contains $Status) {
        $file = $Conf['secretFile']
        throw (New-Failure "$url refuses what $file holds ($Status): put a valid token or key there.")
    }
    if ($Status -eq 429 -or $Status -ge 500) {
        $again = $Pause
        if ($Later -match '^[0-9]{1,6}\z') {
            $again = [double]$Later
        }
        throw (New-Failure "$url can't answer now ($Status)." $again)
    }
    if ($Status -ne 200) {
        throw (New-Failure "$url does not answer such a question ($Status): does url lead to the right service?")
    }
    try {
        return , (Read-Json $Body)
    }
    catch {
        throw (New-Failure "What $url answers is no JSON: does url lead to the right service?")
    }
}

# -- what waits, and who asks -----------------------------------------------------------------------------------------

# Append a line to the log; another response may be writing to it just now.
function Write-Line($Line) {
    $text = (ConvertTo-Line $Line) + "`n"
    for ($left = 50; $left -ge 0; $left -= 1) {
        try {
            [IO.File]::AppendAllText($Log, $text, $Utf8)
            return
        }
        catch [IO.IOException] {
            if ($left -eq 0) {
                throw
            }
            Start-Sleep -Milliseconds 100
        }
    }
}

# Let a question wait; fails where too many do.
function Save-Question($Asked) {
    $null = [IO.Directory]::CreateDirectory($Waiting)
    if ((Get-Waiting).Count -ge $WaitingMost) {
        throw (New-Failure "$WaitingMost questions wait in $Waiting already: is the service away?")
    }
    $path = Join-Path $Waiting ('{0:d20}-{1}' -f [DateTime]::UtcNow.Ticks, $PID)
    [IO.File]::WriteAllText("$path.new", (ConvertTo-Line $Asked), $Utf8)
    [IO.File]::Move("$path.new", "$path.json")
}

# The files of the questions that wait, in their order.
function Get-Waiting {
    return , @([IO.Directory]::GetFiles($Waiting, '*.json') | Sort-Object)
}

# A question that waits; fails where it has done so for too long.
function Read-Question([string]$Path) {
    $asked = Read-Json ([IO.File]::ReadAllText($Path, $Utf8))
    if (([DateTime]::UtcNow - [IO.File]::GetLastWriteTimeUtc($Path)).TotalHours -gt $KeptHours) {
        throw (New-Failure "The question about $($asked['query']) waited for more than a day.")
    }
    return $asked
}

# A stream that makes its process the one worker; null where there is one. It ends with the process.
function Open-Lock {
    try {
        return [IO.File]::Open((Join-Path $Waiting 'worker.lock'), 'OpenOrCreate', 'ReadWrite', 'None')
    }
    catch {
        return $null
    }
}

# Ask whatever waits, then leave. A question that comes as the lock is given back is seen by the look after it.
function Start-Work {
    while ((Get-Waiting).Count -gt 0) {
        $held = Open-Lock
        if ($null -eq $held) {
            return
        }
        $tries = $MostTries
        while (($paths = Get-Waiting).Count -gt 0) {
            if (Resolve-Question $paths[0] $tries) {
                $tries = $MostTries
            }
            else {
                $tries = 1  # while nobody answers, those behind need not wait so long
            }
            [IO.File]::Delete($paths[0])
        }
        $held.Close()
    }
}

# Answer one question in the log. Whether it could be answered.
function Resolve-Question([string]$Path, [int]$Tries) {
    $asked = @{}
    $source = ''
    $line = $null
    for ($left = $Tries - 1; $true; $left -= 1) {
        try {
            $asked = Read-Question $Path
            $conf = Read-Settings $PSScriptRoot
            $source = $conf['source']
            if ($asked['query'] -cne $conf['host']) {  # asking made that query
                $line = Get-Line $conf $asked
            }
            break
        }
        catch {
            $failure = $_.Exception.GetBaseException()
            $again = $failure.Data['again']
            if ($left -le 0 -or $null -eq $again -or $again -lt 0) {
                Write-Line (New-FailedLine $asked $source $failure.Message)
                return $false
            }
            Start-Sleep -Seconds ([int][Math]::Min($again, $PauseMost))
        }
    }
    if ($null -ne $line) {
        Write-Line $line
    }
    return $true
}

# A process that goes on when this one has ended. By the shell: so it gets none of the handles that execd waits for.
function Start-Worker {
    $start = New-Object Diagnostics.ProcessStartInfo
    $start.FileName = Join-Path $PSHOME 'powershell.exe'
    $start.Arguments = "-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File `"$PSCommandPath`" -Role work"
    $start.UseShellExecute = $true
    $start.WindowStyle = 'Hidden'
    $null = [Diagnostics.Process]::Start($start)
}

# One line of execd's, which never ends its input; null where it is no whole JSON.
function Read-Message($Reader) {
    try {
        return , (Read-Json ($Reader.ReadLine()))
    }
    catch {
        return $null
    }
}

# As execd calls it.
function Start-Response {
    $reader = New-Object IO.StreamReader ([Console]::OpenStandardInput()), $Utf8
    try {
        $message = Read-Message $reader
        if (@('delete', 'disable') -ccontains (Get-Text (Find-Value $message @('command')))) {
            return  # there is nothing to undo
        }
        $asked = Get-Question $message
        if ($null -eq $asked) {
            return
        }
        $answer = $Utf8.GetBytes((Get-CheckKeys $asked['query']) + "`n")
        $output = [Console]::OpenStandardOutput()
        $output.Write($answer, 0, $answer.Length)
        $output.Flush()
        if ((Get-Text (Find-Value (Read-Message $reader) @('command'))) -cne 'continue') {
            return  # the same name is looked up, or was within the response's timeout
        }
        Save-Question $asked
    }
    catch {
        $why = $_.Exception.GetBaseException().Message
        Write-Line (New-FailedLine @{} '' $why)
        return
    }
    Start-Worker
}

if ($Role -ceq 'respond') {
    Start-Response
}
elseif ($Role -ceq 'work') {
    Start-Work
}
