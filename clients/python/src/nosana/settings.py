"""What a client knows: the node, the keys, the market, the store."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from nosana.content.folder import FolderStore
from nosana.content.store import Store
from nosana.errors import InvalidArgument
from nosana.rpc import Rpc
from nosana.transaction import SendOptions, Signer


@dataclass(frozen=True)
class Settings:
    """The settings that all requests of a client share."""

    rpc: Rpc
    #: The address of the websocket; `None` if nothing is followed live.
    ws_url: str | None = None
    #: The wallet that signs and pays.
    signer: Signer | None = None
    #: Where definitions and results are.
    store: Store | None = None
    #: The market in which jobs are listed, unless a call names another.
    market: Pubkey | None = None
    commitment: str = "confirmed"
    options: SendOptions = SendOptions()

    def required_signer(self) -> Signer:
        """Returns the wallet, or an error that names the missing setting."""
        if self.signer is None:
            raise InvalidArgument("this client has no wallet; give `signer`")
        return self.signer

    def required_store(self) -> Store:
        """Returns the store, or an error that names the missing setting."""
        if self.store is None:
            raise InvalidArgument("this client has no content store; give `store`")
        return self.store

    def required_market(self, market: Pubkey | None) -> Pubkey:
        """Returns the market of a call, or an error that names the missing setting."""
        chosen = market or self.market
        if chosen is None:
            raise InvalidArgument("no market is named; give `market`")
        return chosen


def make_settings(
    rpc_url: str,
    *,
    signer: Signer | None = None,
    ws_url: str | None = None,
    store: Store | str | os.PathLike[str] | None = None,
    market: Pubkey | str | None = None,
    commitment: str = "confirmed",
    options: SendOptions | None = None,
) -> Settings:
    """Returns settings; a store may be given as the path of its folder."""
    if commitment not in ("confirmed", "finalized"):
        raise InvalidArgument(f"`{commitment}` is not a commitment; use confirmed or finalized")
    return Settings(
        rpc=Rpc(rpc_url),
        ws_url=ws_url,
        signer=signer,
        store=store if store is None or isinstance(store, Store) else FolderStore(store),
        market=Pubkey.from_string(market) if isinstance(market, str) else market,
        commitment=commitment,
        options=options or SendOptions(),
    )


def read_info(path: str | os.PathLike[str], wallet: str) -> dict[str, Any]:
    """Reads the file that `nosana localnet --info-file` writes, as arguments of a client.

    Args:
        path: The file.
        wallet: The wallet that signs: `client`, `node` or `deployer`.
    """
    info = json.loads(Path(path).read_text(encoding="utf-8"))
    if wallet not in info["wallets"]:
        known = ", ".join(info["wallets"])
        raise InvalidArgument(f"{path} has no wallet `{wallet}`; it has {known}")
    return {
        "rpc_url": info["rpc_url"],
        "ws_url": info["ws_url"],
        "signer": Keypair.from_bytes(bytes(info["wallets"][wallet])),
        "store": info["store"],
        "market": info["market"],
    }


def read_keypair(path: str | os.PathLike[str]) -> Keypair:
    """Reads a key file in the format of `solana-keygen` and `nosana wallet new`."""
    return Keypair.from_json(Path(path).read_text(encoding="utf-8"))
