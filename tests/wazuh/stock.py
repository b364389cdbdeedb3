"""Rules of others that meet ours, written after what is documented of them: their ids, levels and conditions."""

STOCK = r"""
<group name="syslog,errors,">
  <rule id="1002" level="2"><match>error|failed|denied|refused</match>
    <description>Unknown problem somewhere in the system.</description></rule>
  <rule id="1010" level="5"><match>segfault at </match>
    <description>Process segfaulted.</description></rule>
  <rule id="2501" level="5"><match>FAILED LOGIN |authentication failure|Authentication failed for</match>
    <description>syslog: User authentication failure.</description></rule>
</group>
<group name="ossec,">
  <rule id="650" level="0"><decoded_as>ar_log_json</decoded_as>
    <description>Active response JSON messages grouped</description></rule>
</group>
<group name="ids,suricata,">
  <rule id="86600" level="0"><decoded_as>json</decoded_as>
    <field name="timestamp">\.+</field><field name="event_type">\.+</field>
    <description>Suricata messages.</description></rule>
</group>
<group name="office365,">
  <rule id="91531" level="3"><decoded_as>json</decoded_as><field name="office_365.workload">\.+</field>
    <description>Office 365</description></rule>
</group>
<group name="windows,">
  <rule id="60000" level="0"><decoded_as>windows_eventchannel</decoded_as>
    <description>Windows</description></rule>
  <rule id="60004" level="0"><if_sid>60000</if_sid>
    <field name="win.system.channel">^Microsoft-Windows-Sysmon/Operational$</field>
    <description>Sysmon</description></rule>
  <rule id="61600" level="0"><if_sid>60004</if_sid>
    <field name="win.system.severityvalue">^INFORMATION$</field><description>Information</description></rule>
  <rule id="61650" level="0"><if_sid>61600</if_sid>
    <field name="win.system.eventID">^22$</field><description>Event 22</description>
    <options>no_full_log</options><group>sysmon_event_22,</group></rule>
  <rule id="61655" level="0"><if_sid>60004</if_sid>
    <field name="win.system.eventID">^255$</field><description>Event 255</description></rule>
</group>
"""
"""Stock rules: those that search any text, those of other JSON, and the chain down to Sysmon's DNS query."""

SOCFORTRESS = """
<group name="windows,sysmon,">
  <rule id="121101" level="3"><if_group>sysmon_event_22</if_group>
    <description>Sysmon - Event 22: DNS Query</description><group>sysmon_event_22,</group></rule>
</group>
"""

OPENCTI = """
<group name="opencti,">
  <rule id="100140" level="3"><if_sid>61650</if_sid>
    <description>Sysmon - Event 22</description><group>sysmon_event_22,</group></rule>
</group>
"""

DOMAIN_STATS = r"""
<group name="dnsstat,">
  <rule id="100010" level="5"><field name="integration">dnsstat</field>
    <description>DNS Stats</description></rule>
  <rule id="100011" level="5"><if_sid>100010</if_sid><field name="dnsstat.alerts">LOW-FREQ-SCORES</field>
    <description>DNS Stats - Low Frequency Score</description></rule>
</group>
"""
"""The original's: general rules that alert by themselves."""
