"""Templates are compiled before the first visitor comes, with all that they use."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import meta

from api.pages import templating


def test_no_template_that_a_page_uses_is_left_to_the_first_visitor() -> None:
    templating.compile_templates()
    env = templating._templates()
    assert env.cache is not None
    compiled = {name for _, name in env.cache}
    assert {f"/{file.name}" for file in files("api.pages").joinpath("templates").iterdir()} <= (
        compiled
    )
    for name in compiled:
        source, *_ = templating._LOADER.get_source(env, name)
        assert set(meta.find_referenced_templates(env.parse(source))) <= compiled, name
