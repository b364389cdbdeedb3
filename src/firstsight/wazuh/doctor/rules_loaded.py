"""Are the rules there, would Wazuh load them, and does what they raise reach alerts.json?"""

from collections.abc import Iterator

from firstsight.wazuh.doctor.findings import Finding, Person, State
from firstsight.wazuh.rules import FILE_NAME, render
from firstsight.wazuh.ruletable import HIGHEST, INFORMATION, LOWEST, rules
from firstsight.wazuh.setup.carry_out import refused
from firstsight.wazuh.setup.manager import CONF, Manager
from firstsight.wazuh.setup.originals import Mode
from firstsight.wazuh.setup.ossec_conf import excludes_ours, log_alert_level, runs_script
from firstsight.wazuh.setup.plan import RULES, Plan
from firstsight.wazuh.setup.rule_ids import SiteRule, conflict, rules_of
from firstsight.wazuh.setup.tree import File

_INSTALL = "firstsight wazuh install"
_EVENT_22 = 61_650  # stock rule, level 0 (ruleset/rules/0595-win-sysmon_rules.xml)


def rules_loaded(manager: Manager, base: int) -> Iterator[Finding]:
    """Look at the rules.

    Args:
        manager: the manager.
        base: first id of the block, by the settings.
    """
    conf = manager.conf()
    loaded = rules_of(manager.home, conf)
    ours = [rule for rule in loaded if rule.file.name == FILE_NAME]
    yield _file(manager, ours, base)
    if not ours:
        return
    begin = ours[0].id
    if excludes_ours(conf):
        yield Finding(
            "rules",
            State.WRONG,
            f"{CONF} excludes {FILE_NAME} or does not load etc/rules.",
            f"edit {manager.home / CONF}",
        )
    if problem := conflict(loaded, begin):
        yield Finding("rule ids", State.WRONG, problem, f"{_INSTALL} --rule-base N")
    yield _event_22(loaded, ours)
    yield _level(manager, log_alert_level(conf))
    mode: Mode = "integration" if runs_script(conf) else "follow"
    ids = frozenset(rule.id for rule in rules(begin)) if LOWEST <= begin <= HIGHEST else frozenset()
    if problem := refused(manager, Plan(mode, rule_ids=ids)):
        yield Finding("test", State.WRONG, problem, f"{manager.home}/bin/wazuh-analysisd -t")
    else:
        yield Finding("test", State.OK, "wazuh-analysisd -t passes, without a word about firstsight's rules.")


def _file(manager: Manager, ours: list[SiteRule], base: int) -> Finding:
    where = manager.home / RULES
    found = manager.tree.look(RULES)
    if not isinstance(found, File) or not ours:
        if manager.worker():
            return Finding("rules", State.WRONG, f"{where} has not come from the master.", f"on the master: {_INSTALL}")
        return Finding("rules", State.WRONG, f"{where} is not there: no Event 22 reaches alerts.json.", _INSTALL)
    begin = ours[0].id
    wazuh = Person.of(*manager.wazuh)
    if not wazuh.may("-r", where):
        mend = f"chown wazuh:wazuh {where} && chmod 660 {where}"
        return Finding("rules", State.WRONG, f"Wazuh's own user may not read {where}.", mend)
    if begin != base:
        text = f"The rules begin at {begin}, and [wazuh] rule_base says {base}."
        return Finding("rules", State.NOTE, text, f"{_INSTALL} --rule-base {base}")
    if found.content != render(base).encode():
        text = f"{where} is another version's, or was edited."
        return Finding("rules", State.NOTE, text, _INSTALL)
    return Finding("rules", State.OK, f"{len(ours)} rules from id {begin} on, as this version writes them.")


def _event_22(loaded: list[SiteRule], ours: list[SiteRule]) -> Finding:
    """Siblings are tried with level 0 first, then by level, then in load order (`src/analysisd/rules_list.c`)."""
    if not any(rule.id == _EVENT_22 for rule in loaded):
        text = f"The stock rule {_EVENT_22} is not loaded, so that Event 22 is recognised by nothing."
        return Finding(
            "Event 22's rule", State.WRONG, text, "take <rule_exclude>0595-win-sysmon_rules.xml</…> out of ossec.conf"
        )
    own = next((rule for rule in ours if _EVENT_22 in rule.parents), None)
    if own is None:
        return Finding("Event 22's rule", State.WRONG, f"No rule of ours is a child of {_EVENT_22}.", _INSTALL)
    place = loaded.index(own)
    before = [
        rule
        for at, rule in enumerate(loaded)
        if _EVENT_22 in rule.parents
        and rule is not own
        and (rule.level == 0 or rule.level > own.level or (rule.level == own.level and at < place))
    ]
    silent = [rule for rule in before if rule.level < INFORMATION]
    if silent:
        named = ", ".join(f"{rule.id} ({rule.file})" for rule in silent)
        text = f"What these rules match never reaches alerts.json, so firstsight does not see it: {named}."
        return Finding("Event 22's rule", State.NOTE, text, "see that they match only what nobody need know of")
    also = f"; {', '.join(str(rule.id) for rule in before)} may come first, which does no harm" if before else ""
    return Finding("Event 22's rule", State.OK, f"{own.id}, child of {_EVENT_22}, level {own.level}{also}.")


def _level(manager: Manager, level: int) -> Finding:
    if level > INFORMATION:
        text = f"Only rules from level {level} on reach alerts.json, and Event 22's has {INFORMATION}: it is not seen."
        mend = (
            f"set <log_alert_level>{INFORMATION}</log_alert_level> in {manager.home / CONF}, then restart the manager"
        )
        return Finding("level", State.WRONG, text, mend)
    return Finding("level", State.OK, f"Rules from level {level} on reach alerts.json.")
