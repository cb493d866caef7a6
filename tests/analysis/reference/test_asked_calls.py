import pytest

from smccc_filter.analysis.reference import asked_calls
from smccc_filter.smccc import registry, spelling


def test_no_two_names_are_one_in_lower_case() -> None:
    names = spelling.names()
    assert len({name.casefold() for name in names}) == len(names)


@pytest.mark.parametrize("name", registry.all_names())
def test_a_name_in_any_case_means_the_ids_that_a_policy_means_by_it(name: str) -> None:
    ids = tuple(fid for start, stop in registry.by_name(name) or () for fid in range(start, stop))
    assert ids
    assert spelling.spelled(name.casefold()) == name
    assert [asked_calls.call_ids(word) for word in (name, name.lower(), name.upper())] == [ids] * 3


@pytest.mark.parametrize("form", ["32", "64"])
def test_a_form_is_asked_for_in_any_case_too(form: str) -> None:
    for function in registry.functions():
        word = f"{function.name}/{form}"
        ids = registry.by_name(word)
        if ids is None:
            with pytest.raises(ValueError, match=r"has no (form|ID)"):
                asked_calls.call_ids(word.lower())
        else:
            assert asked_calls.call_ids(word.lower()) == tuple(fid for start, stop in ids for fid in range(start, stop))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (
            "psci_cpu_onn",
            ("no call is called `psci_cpu_onn`", "did you mean `PSCI_CPU_ON`, `PSCI_CPU_OFF` or `PSCI_0_2_FN_CPU_ON`?"),
        ),
        ("qqqqqq", ("no call is called `qqqqqq`", "see `smccc-filter list calls`")),
        ("\x1b", ("no call is called `\\x1b`", "see `smccc-filter list calls`")),
        ("c4000003", ("no call is called `c4000003`", "did you mean `0xc4000003`, which is PSCI_CPU_ON/64?")),
        ("psci_version/64", ("`PSCI_VERSION` has no form `/64`", "write `PSCI_VERSION`, which is 0x84000000")),
        ("psci_version/", ("`PSCI_VERSION` has no form `/`", "write `PSCI_VERSION`, which is 0x84000000")),
        ("psci_cpu_on_64", ("no call is called `psci_cpu_on_64`", "did you mean `PSCI_CPU_ON/64`?")),
        ("vendor_hyp_kvm_features_2", ("`VENDOR_HYP_KVM_FEATURES_2` has no ID", "nobody has given it one")),
        ("TRNG", ("`trng` stands for 4 calls; ask for one of `smccc-filter list calls --service trng`",)),
    ],
)
def test_what_is_no_call_is_refused_with_the_way_out(word: str, said: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"is called|has no (form|ID)|stands for") as refused:
        asked_calls.call_ids(word)
    assert refused.value.args == said


@pytest.mark.parametrize(
    ("word", "count", "instead"),
    [("0x84000000+0x1F", "31", "0x84000000"), ("0x84000000+0", "0", "0x84000000"), ("0x5-0x1", "0", "0x00000005")],
)
def test_a_range_is_no_call(word: str, count: str, instead: str) -> None:
    with pytest.raises(ValueError, match="is a range") as refused:
        asked_calls.ids_asked(word)
    assert refused.value.args == (f"`{word}` is a range of {count} IDs", f"ask for one ID, such as `{instead}`")
