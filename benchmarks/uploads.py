"""A visitor who brings a list of words of his own, as a browser sends a file."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any
from urllib.request import Request, urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs

from benchmarks.visitors import Visitor


class Uploader(Visitor):
    """A visitor with files; see `Visitor`."""

    def __init__(self, port: int, query: str) -> None:
        super().__init__(port, query)
        self._session_id = ""
        self._uploaders: dict[str, str] = {}
        self._urls: asyncio.Queue[FileURLs] = asyncio.Queue()

    async def upload(self, label: str, name: str, data: bytes) -> None:
        """Bring a file to the control whose label begins so, and have the page look at it."""
        control = next(i for text, i in self._uploaders.items() if text.startswith(label))
        asking = BackMsg()
        asking.file_urls_request.request_id = uuid.uuid4().hex
        asking.file_urls_request.file_names.append(name)
        asking.file_urls_request.session_id = self._session_id
        assert self._page is not None
        await self._page.send(asking.SerializeToString())
        urls = await asyncio.wait_for(self._urls.get(), 60)
        await asyncio.to_thread(_put, f"http://{self._origin}", urls.upload_url, name, data)
        message = BackMsg()
        client = message.rerun_script
        client.query_string, client.page_script_hash = self.query, self._page_hash
        state = client.widget_states.widgets.add()
        state.id = control
        file = state.file_uploader_state_value.uploaded_file_info.add()
        file.name, file.size, file.file_id = name, len(data), urls.file_id
        file.file_urls.CopyFrom(urls)
        self._finished.clear()
        await self._page.send(message.SerializeToString())
        await asyncio.wait_for(self._finished.wait(), 60)

    def _take(self, message: Any, n_bytes: int) -> None:
        super()._take(message, n_bytes)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session_id = message.new_session.initialize.session_id
        elif kind == "file_urls_response":
            self._urls.put_nowait(message.file_urls_response.file_urls[0])

    def _mount(self, element: Any, n_bytes: int) -> None:
        super()._mount(element, n_bytes)
        if element.WhichOneof("type") == "file_uploader":
            self._uploaders[element.file_uploader.label] = element.file_uploader.id


def _put(origin: str, path: str, name: str, data: bytes) -> None:
    """Send the file as a form; with the token that shows that the page itself sends it."""
    with urlopen(f"{origin}/_stcore/health", timeout=60) as answer:  # noqa: S310
        cookie = str(answer.headers["Set-Cookie"]).split(";")[0]
    edge = uuid.uuid4().hex
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    request = Request(  # noqa: S310
        f"{origin}/{path.lstrip('/')}",
        data=head.encode() + data + f"\r\n--{edge}--\r\n".encode(),
        method="PUT",
        headers={
            "Content-Type": f"multipart/form-data; boundary={edge}",
            "Cookie": cookie,
            "X-Xsrftoken": cookie.split("=", 1)[1],
        },
    )
    with urlopen(request, timeout=60):  # noqa: S310
        pass
