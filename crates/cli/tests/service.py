# A small HTTP service with WebSockets and events, for the tests of the gateway. Standard library only.
import base64
import hashlib
import http.server
import json
import struct
import time

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/headers":
            self.answer(json.dumps(self.headers.items()).encode())
        elif self.path == "/events":
            self.send_events()
        elif self.path == "/socket":
            self.serve_socket()
        elif self.path == "/body":
            self.do_POST()
        elif self.path == "/slow":
            time.sleep(600)
        elif self.path == "/broken":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            self.close_connection = True
        elif self.path == "/garbage":
            self.wfile.write(b"this is not HTTP\r\n\r\n")
            self.close_connection = True
        elif self.path.startswith("/bytes/"):
            self.answer(b"x" * int(self.path.rsplit("/", 1)[1]))
        else:
            self.answer(("the path is " + self.path).encode())

    def do_POST(self):
        if self.path == "/refuse":
            # The body is not read, and the connection is closed.
            self.wfile.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nX-Service: yes\r\n\r\nno!")
            self.close_connection = True
            return
        digest = hashlib.sha256()
        for part in self.read_parts():
            digest.update(part)
        self.answer(digest.hexdigest().encode())

    def read_parts(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            yield self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Service", "yes")
        self.end_headers()
        self.wfile.write(body)

    def send_events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(3):
            event = f"data: {number}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
            time.sleep(2)
        self.wfile.write(b"0\r\n\r\n")

    # Echoes text frames until the client closes.
    def serve_socket(self):
        key = self.headers["Sec-WebSocket-Key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        self.close_connection = True

        while True:
            first, length = self.rfile.read(2)
            length &= 127
            if length == 126:
                (length,) = struct.unpack(">H", self.rfile.read(2))
            mask = self.rfile.read(4)
            text = bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.rfile.read(length)))
            head = bytes([first, length]) if length < 126 else bytes([first, 126]) + struct.pack(">H", length)
            self.wfile.write(head + text)
            if first & 15 == 8:
                return

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer.request_queue_size = 128
print("serving", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
