"""The template as data."""

from typing import Any

import yaml

from local.paths import TEMPLATE


def read_template() -> Any:
    """The template, in which each function (`!Sub …`) has become its argument."""
    return yaml.load(TEMPLATE.read_text(), Loader=_Loader)  # noqa: S506 - a subclass of the safe loader


class _Loader(yaml.SafeLoader):
    pass


def _argument(loader: _Loader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 - there is no fourth kind
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _argument)
