"""Messages as they come: whoever asks gets an answer, also to a request that can't be read or comes at a wrong time."""

from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest, JsonRpcServerNotInitialized
from pygls.protocol import LanguageServerProtocol


class PolicyProtocol(LanguageServerProtocol):
    """The protocol with the answers that pygls leaves out."""

    _is_initialized = False

    def structure_message(self, data: dict[str, Any]) -> Any:  # noqa: ANN401 -- one of a hundred types
        """Return a message as a value of its type. Raises JsonRpcException, and answers a request first."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._refuse(data["id"], error)
            raise

    def handle_message(self, message: Any) -> None:  # noqa: ANN401 -- one of a hundred types, or any JSON
        """Do what a message asks for. Raises JsonRpcInvalidRequest for what is no message."""
        if not hasattr(message, "jsonrpc"):
            raise JsonRpcInvalidRequest
        method = getattr(message, "method", "")
        if method in {"", types.EXIT} or (self._is_initialized and method != types.INITIALIZE and not self._shutdown):
            super().handle_message(message)
        elif method == types.INITIALIZE and not self._is_initialized:
            self._is_initialized = True
            super().handle_message(message)
        elif hasattr(message, "id"):
            self._refuse(message.id, JsonRpcInvalidRequest() if self._is_initialized else JsonRpcServerNotInitialized())

    def _refuse(self, number: int | str, error: JsonRpcException) -> None:
        self._send_response(number, error=error.to_response_error())
