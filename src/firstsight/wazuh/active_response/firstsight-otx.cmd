@echo off
rem execd starts .cmd and .exe only. The agent is a 32-bit program: by Sysnative it reaches the 64-bit PowerShell.
setlocal
set "SYSTEM=%SystemRoot%\System32"
if exist "%SystemRoot%\Sysnative\cmd.exe" set "SYSTEM=%SystemRoot%\Sysnative"
"%SYSTEM%\WindowsPowerShell\v1.0\powershell.exe" -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%~dp0firstsight-otx.ps1"
