"""The accounts of an instruction: where each address comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from codegen.idl import ADDRESS_BYTES, Item, Program, Refused, to_base58
from codegen.text import pascal_case, safe_name

#: Programs that derive accounts, by their addresses.
DERIVERS = {
    "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL": "ASSOCIATED_TOKEN_PROGRAM",
    "BPFLoaderUpgradeab1e11111111111111111111111": "UPGRADEABLE_LOADER",
    "GF7VH4ty5UW4qpZS3WDiyy7RFpJzZz56Hgzs2cSmyBoD": "REWARDS_PROGRAM",
    "Hda5fAMchsjNBM3ZgperkMJuz3fwt4oPojmTixswkbbQ": "STAKING_PROGRAM",
}


@dataclass
class Seed:
    """A seed of a derived address."""

    #: The expression of its bytes, or of its address.
    code: str
    #: The account that it names, if it is one of the instruction.
    account: str | None = None
    #: The account and the field that it names, if it has to be read.
    path: tuple[str, str] | None = None


@dataclass
class Source:
    """An account of an instruction."""

    name: str
    item: Item
    #: The constant's name, if the address is fixed.
    constant: str | None = None
    #: The accounts whose decoded data name this one.
    relations: list[str] = field(default_factory=list)
    seeds: list[Seed] = field(default_factory=list)
    #: The expression of the program that derives the address.
    deriver: str = "PROGRAM_ID"

    @property
    def is_signer(self) -> bool:
        return bool(self.item.get("signer"))

    @property
    def is_optional(self) -> bool:
        return bool(self.item.get("optional"))

    @property
    def is_required(self) -> bool:
        """Whether the caller has to name it."""
        has_source = self.relations or self.seeds or self.is_optional
        return not self.constant and (self.is_signer or not has_source)

    @property
    def path_seeds(self) -> list[tuple[str, str]]:
        """The fields that have to be read to derive the address."""
        return [seed.path for seed in self.seeds if seed.path]

    def depends_on(self) -> set[str]:
        """The accounts of the instruction that the address is derived from."""
        return {seed.account for seed in self.seeds if seed.account}


@dataclass
class Accounts:
    """The accounts of an instruction."""

    #: In the program's order.
    sources: list[Source]
    #: Constants: names and addresses in text form.
    constants: dict[str, str]
    #: Accounts that the caller can give decoded: names and types.
    decoded: dict[str, str]
    #: Fields that the caller can give: the account's and the field's name.
    paths: list[tuple[str, str]]

    def in_order(self) -> list[Source]:
        """Returns the accounts so that each comes after those that it is derived from."""
        waiting = {source.name: source for source in self.sources}
        done: list[Source] = []
        while waiting:
            ready = [name for name, each in waiting.items() if not each.depends_on() & set(waiting)]
            if not ready:
                raise Refused(f"accounts are derived from each other: {', '.join(waiting)}")
            done += [waiting.pop(name) for name in ready]
        return done


def read_accounts(program: Program, instruction: Item) -> Accounts:
    """Reads the accounts of an instruction."""
    found = Accounts([], {}, {}, [])
    names = {account["name"] for account in instruction["accounts"]}
    for item in instruction["accounts"]:
        if "accounts" in item:
            raise Refused(f"`{instruction['name']}` has a group of accounts")
        source = Source(safe_name(item["name"]), item)
        if "address" in item:
            source.constant = item["name"].upper()
            found.constants[source.constant] = item["address"]
        if "pda" in item and not source.is_signer:
            read_seeds(program, instruction, source, found, names)
        if not source.is_signer and (not source.seeds or source.path_seeds):
            read_relations(program, source, found)
        found.sources.append(source)
    return found


def read_relations(program: Program, source: Source, found: Accounts) -> None:
    """Reads which accounts name this one. Not for one that other addresses determine."""
    for base in source.item.get("relations", []):
        if program.account_named(pascal_case(base)):
            source.relations.append(base)
            found.decoded[base] = pascal_case(base)


def read_seeds(
    program: Program, instruction: Item, source: Source, found: Accounts, names: set[str]
) -> None:
    """Reads the seeds of an account."""
    pda = source.item["pda"]
    if "program" in pda:
        address = to_base58(bytes(pda["program"]["value"]))
        if address not in DERIVERS:
            raise Refused(f"`{source.name}` is derived by {address}; name it in DERIVERS")
        source.deriver = DERIVERS[address]
        found.constants[source.deriver] = address

    for seed in pda["seeds"]:
        if seed["kind"] == "const":
            source.seeds.append(constant_seed(source, bytes(seed["value"]), found))
        elif seed["kind"] == "arg":
            kinds = {arg["name"]: arg["type"] for arg in instruction["args"]}
            codec = kinds[seed["path"]].upper()
            source.seeds.append(Seed(f"{codec}.write({safe_name(seed['path'])})"))
        elif seed["path"] in names:
            fixed = fixed_constant(instruction, seed["path"])
            source.seeds.append(Seed(fixed or seed["path"], None if fixed else seed["path"]))
        else:
            base, name = seed["path"].split(".")
            own = program.account_named(seed.get("account", ""))
            if own is not None:
                found.decoded[base] = own["name"]
            source.seeds.append(Seed(f"{base}_{name}", path=(base, name)))
            if (base, name) not in found.paths:
                found.paths.append((base, name))


def constant_seed(source: Source, value: bytes, found: Accounts) -> Seed:
    """A text, or an address such as the token program's."""
    if len(value) != ADDRESS_BYTES:
        return Seed(repr(value).replace("'", '"'))

    name = "TOKEN_PROGRAM"
    address = to_base58(value)
    if found.constants.setdefault(name, address) != address:
        raise Refused(f"`{source.name}` has the address {address} as a seed")
    return Seed(name)


def fixed_constant(instruction: Item, name: str) -> str | None:
    """Returns the constant of an account whose address is fixed."""
    item = next(each for each in instruction["accounts"] if each["name"] == name)
    return name.upper() if "address" in item else None
