# Runs the pure functions of firstsight-otx.ps1 through cases.json under PowerShell 7: a line of JSON a case, in the
# order questions, service, otx, failures.

param([string]$Script)

. $Script -Role none

# PowerShell 7 has no JavaScriptSerializer: the same dictionaries and arrays out of its own reader.
function ConvertTo-Plain($Value) {
    if ($Value -is [Collections.IDictionary]) {
        $plain = New-Object 'Collections.Generic.Dictionary[string, object]'
        foreach ($key in $Value.Keys) { $plain[$key] = ConvertTo-Plain $Value[$key] }
        return $plain
    }
    if ($Value -is [array]) { return , [object[]]@(foreach ($entry in $Value) { , (ConvertTo-Plain $entry) }) }
    return $Value
}

$cases = ConvertTo-Plain (Get-Content -Raw -Encoding utf8 (Join-Path $PSScriptRoot 'cases.json') | ConvertFrom-Json -AsHashtable -Depth 100)

function Invoke-Case($Case, [scriptblock]$Work) {
    try { $line = & $Work $Case }
    catch {
        $why = $_.Exception.GetBaseException().Message
        return '{"failed":' + (ConvertTo-Line $why) + '}'
    }
    if ($null -eq $line) { return '{"line":null}' }
    return '{"line":' + (ConvertTo-Line $line) + '}'
}

foreach ($case in $cases['questions']) { Invoke-Case $case { param($c) Get-Question $c['message'] } }
foreach ($case in $cases['service']) {
    Invoke-Case $case {
        param($c)
        $finding = Get-ToldByService $c['answer']
        if ($null -ne $finding) { New-FoundLine $c['asked'] $finding ($c.ContainsKey('original')) }
    }
}
foreach ($case in $cases['otx']) {
    Invoke-Case $case {
        param($c)
        $listed = Get-ToldByOtx $c['answer'] $c['authors']
        if ($listed.Count -gt 0) { New-FoundLine $c['asked'] (Add-Pulses ([ordered]@{ source = 'otx' }) $listed) $false }
    }
}
foreach ($case in $cases['failures']) {
    Invoke-Case $case { param($c) New-FailedLine $c['asked'] $c['source'] $c['why'] }
}
