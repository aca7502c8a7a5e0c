"""The configuration of a job."""

from __future__ import annotations

import json

import pytest

from hearth import Config, ConfigMissingError, ConfigTypeError

TREE = {
    "input": {"strings": ["a", "b"], "count": 3, "none": None},
    "hosts": {"a.b": {"port": 80}},
    "flag": True,
    "ratio": 2.0,
    "word": "7",
    "off": "off",
    "list": [{"x": {"y": 1}}],
}


@pytest.fixture
def config() -> Config:
    """A tree."""
    return Config(TREE)


def test_paths(config: Config) -> None:
    assert config["input.strings"] == ["a", "b"]
    assert config["input"]["count"] == config["input.count"] == 3
    assert config.get("input.strings") == ["a", "b"]
    assert config.get('hosts."a.b".port') == 80
    assert config["list"][0]["x.y"] == 1
    assert "input.strings" in config
    assert "input.string" not in config
    assert "input.count.more" not in config
    assert 3 not in config  # type: ignore[comparison-overlap]


def test_missing_keys(config: Config) -> None:
    assert config.get("input.string", None) is None
    assert config.get("input.string", 5) == 5
    for read in (config.get, config.__getitem__, config.get_string):
        with pytest.raises(ConfigMissingError, match=r"no key 'no\.such'"):
            read("no.such")
    with pytest.raises(KeyError):
        config["no.such"]
    assert config.get("input.none") is None
    with pytest.raises(ConfigMissingError):
        config.get_int("input.none")
    assert config.get_int("input.none", 4) == 4


def test_types(config: Config) -> None:
    assert config.get_int("input.count") == 3
    assert config.get_int("word") == 7
    assert config.get_int("ratio") == 2
    assert config.get_float("input.count") == 3.0
    assert config.get_float("word") == 7.0
    assert config.get_string("input.count") == "3"
    assert config.get_string("flag") == "true"
    assert config.get_bool("flag") is True
    assert config.get_bool("off") is False
    assert config.get_list("input.strings") == ["a", "b"]
    assert config.get_config("input").get_int("count") == 3
    assert config.get_string("missing", None) is None


@pytest.mark.parametrize(
    ("method", "key", "words"),
    [
        ("get_int", "flag", "has to be a whole number, but is a boolean: True"),
        ("get_int", "off", "has to be a whole number, but is a string: 'off'"),
        ("get_float", "off", "has to be a number"),
        ("get_float", "flag", "has to be a number"),
        ("get_float", "input", "has to be a number, but is an object"),
        ("get_bool", "word", "has to be true or false"),
        ("get_string", "input", "has to be a string, but is an object"),
        ("get_list", "word", "has to be a list"),
        ("get_config", "word", "has to be an object"),
    ],
)
def test_wrong_types(config: Config, method: str, key: str, words: str) -> None:
    with pytest.raises(ConfigTypeError, match=words):
        getattr(config, method)(key)


def test_is_a_dict(config: Config) -> None:
    assert json.loads(json.dumps(config)) == TREE
    assert config == TREE
    assert list(config) == list(TREE)
    assert dict(**config["input"])["count"] == 3
    plain = config.as_plain_ordered_dict()
    assert type(plain["input"]) is dict


def test_changes(config: Config) -> None:
    config["new"] = {"deep": {"er": 1}}
    assert config["new.deep.er"] == 1
    config.put("flag.of", 2)
    config.put("input.count", 4)
    assert (config["flag.of"], config["input.count"]) == (2, 4)


def test_settings_become_a_tree() -> None:
    config = Config.from_settings(
        {"spark.executor.memory": "1g", "spark.cores": 2, 'hosts."a.b"': 1}
    )
    assert config["spark"] == {"executor": {"memory": "1g"}, "cores": 2}
    assert config['hosts."a.b"'] == 1
