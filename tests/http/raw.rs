//! Whatever bytes, on a socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::stage::DEADLINE;

/// What came back, up to the end of the connection.
#[derive(Debug)]
pub struct Raw {
    pub status: u16,
    pub body: String,
}

/// A connection on which the bytes were sent.
pub fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    // Whoever refuses a request need not read all of it.
    let _ = stream.write_all(bytes);
    stream
}

/// Sends the bytes and reads what comes back; the request has to end the connection.
#[track_caller]
pub fn exchange(address: SocketAddr, request: &str) -> Raw {
    let mut bytes = Vec::new();
    // A reset after the answer is an end, too.
    let _ = send(address, request.as_bytes()).read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no answer but {text:?} to {request:.200?}"));
    Raw { status, body: body.to_owned() }
}

/// A GET that ends the connection, with these lines after the first.
pub fn get(address: SocketAddr, target: &str, lines: &str) -> Raw {
    exchange(address, &format!("GET {target} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n"))
}
