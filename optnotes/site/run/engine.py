"""Runs notebooks side by side: on the cores of this machine, or on the workers of a Dask cluster."""

import asyncio
import os
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal
from nbformat import NotebookNode

from optnotes.site.run.dependencies import digest_of
from optnotes.site.settings import kernel_environment


@dataclass(frozen=True)
class Run:
    """One executed notebook, or the reason why it has no result."""

    notebook: NotebookNode
    seconds: float
    error: str | None


def run_notebook(notebook: NotebookNode, root: Path, timeout: int) -> Run:
    """Execute one notebook; refuse its result where its files are not, or no longer, those that its key names."""
    start = time.perf_counter()
    client = NotebookClient(
        notebook,
        timeout=timeout,
        startup_timeout=timeout,
        resources={"metadata": {"path": str(root)}},
        extra_arguments=["--IPKernelApp.log_level=40"],  # the kernel's remark on TCP is no news
        record_timing=False,  # the times would become part of the key
    )
    error = None
    try:
        asyncio.run(client.async_execute(env={**os.environ, **kernel_environment(root)}))
    except (CellControlSignal, RuntimeError) as failure:  # a cell that fails or hangs, a kernel that dies
        error = f"a cell failed\n{failure}"
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    if error is None and digest_of(source, root)[0] != notebook.metadata.kernelspec.digest:
        error = "its files or versions are not those the build began with; build again"
    return Run(notebook, time.perf_counter() - start, error)


@contextmanager
def workers(cluster: str) -> Iterator[Executor]:
    """Cores of this machine, or the workers of the Dask cluster at an address; they must see the same folder."""
    if not cluster:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield pool
        return
    from distributed import Client

    client: Any = Client(cluster)  # type: ignore[no-untyped-call, unused-ignore]
    with client, client.get_executor(pure=False) as pool:
        yield pool


def run_all(notebooks: dict[str, NotebookNode], root: Path, timeout: int, cluster: str) -> Iterator[tuple[str, Run]]:
    """Yield each page with its run as soon as it is done."""
    with workers(cluster) as pool:
        running = {pool.submit(run_notebook, notebook, root, timeout): page for page, notebook in notebooks.items()}
        for future in as_completed(running):
            yield running[future], future.result()
