"""The commands of the desk over a database of their own, as they are typed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api import cli


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeded_file: Path) -> Path:
    (tmp_path / "desk.db").write_bytes(seeded_file.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    monkeypatch.setenv("FENGQIAO_DATA_KEY", "test-key")
    monkeypatch.setenv("FENGQIAO_CLOCK", "2026-11-20T09:00:00+08:00")
    return tmp_path


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def test_export_and_import_go_round(home: Path) -> None:
    for file, more in (("all.xlsx", []), ("people.csv", ["--sheet", "members"])):
        assert run("orgs", "export", home / file, *more).exit_code == 0
        assert "没有变化" in run("orgs", "import", home / file).output


def test_a_dry_run_then_the_import_then_nothing_new(home: Path) -> None:
    table = home / "places.csv"
    table.write_text("县,镇,村,人口\n清和县,青石镇,新村,300\n清和县,青石镇,旧村,许多\n", "utf-8")
    said = [run("orgs", "import", table, *more).output for more in (["--dry-run"], [], [])]
    assert "试导入" in said[0]
    assert "新增 1 行" in said[1]
    assert "新增 0 行" in said[2]
    assert all("第3行“人口”列" in one for one in said)


def test_a_village_is_renamed(home: Path) -> None:
    listed = run("places", "list", "--town", "白桦镇").output
    number = next(line.split()[0] for line in listed.splitlines() if line.split()[1] == "清和县白桦镇河湾村")
    assert "河弯村" in run("places", "rename", number, "河弯村", "--on", "2026-11-01").output
    assert run("places", "rename", number, "再改名").exit_code == 1
    assert run("places", "rename", number, "再改名", "--on", "昨天").exit_code == 1


def test_simulate_check_and_import_cases(home: Path) -> None:
    cases = home / "cases.csv"
    cases.write_text("类别,镇,村,组\n邻里纠纷,青石镇,东沟村,一组\n天气,青石镇,,\n", "utf-8")
    said = run("routing", "simulate", cases).output
    assert "分流 1 件，坏行 1 行" in said
    assert "东沟村一组网格工作站" in said
    assert "版本" in run("routing", "check").output
    assert run("routing", "check", home).exit_code == 1
    hotline = home / "hotline.csv"
    hotline.write_text("工单编号,问题分类,诉求内容,事发地址\n1,邻里纠纷,院墙,青石镇东沟村一组\n", "gbk")
    assert "登记 1 件" in run("cases", "import", hotline, "--mapping", "12345").output
    assert "以前导入过 1 件" in run("cases", "import", hotline, "--mapping", "12345").output
    assert run("cases", "import", hotline, "--mapping", "nowhere").exit_code == 1


def test_gaps_are_listed(home: Path) -> None:
    assert "东沟村人民调解委员会：还没有登记" in run("orgs", "gaps").output


def test_a_report_is_printed_or_written(home: Path) -> None:
    assert "受理（件）" in run("report", "month", "2026-11").output
    assert "已写到" in run("report", "month", "2026-11", "--out", home / "month.xlsx").output
    assert (home / "month.xlsx").read_bytes().startswith(b"PK")
    assert run("report", "month", "2026-11", "--out", home / "month.pdf").exit_code == 1
    assert run("report", "month", "十月").exit_code == 1
    assert run("report", "weather", "2026-11").exit_code == 1
    assert "算了 0 件" in run("counts", "rebuild").output


def test_the_audit_names_the_ticket_that_was_changed_and_fails(home: Path) -> None:
    hotline = home / "hotline.csv"
    hotline.write_text("工单编号,问题分类,诉求内容,事发地址\n1,邻里纠纷,院墙,青石镇东沟村一组\n", "gbk")
    run("cases", "import", hotline, "--mapping", "12345")
    whole = run("audit", "verify")
    assert whole.exit_code == 0
    assert "核对 1 张，全部对得上" in whole.output
    with closing(sqlite3.connect(home / "desk.db")) as db:
        db.execute("update tickets set status = 'closed'")
        db.commit()
    broken = run("audit", "verify")
    assert broken.exit_code == 1
    assert "工单现状和办理记录对不上" in broken.output
    assert "1 张对不上" in broken.output


def test_court_figures_are_imported_and_stand_beside_the_counter_metrics(home: Path) -> None:
    table = home / "court.csv"
    table.write_text("镇,村,时间段,法院收案\n青石镇,东沟村,2026,3\n青石镇,东沟村,去年,3\n", "utf-8")
    assert "试导入：新增 1 行" in run("counts", "court", table, "--dry-run").output
    said = run("counts", "court", table).output
    assert "第3行“时间段”列" in said
    assert "新增 1 行" in said
    assert "送达权利告知" in run("report", "litigation", "2026").output
