"""Certificates of a root of our own: root, intermediate, and a leaf for names."""

import datetime

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 2


def certificates(folder, names):
    """Writes and returns the chain, its key, and a bundle of all public roots with our own.

    The sizes are those of real services: an RSA key of 2,048 bits, and some 140 roots to read.
    """
    root, root_key = issue("bench root", None, ca=True)
    intermediate, intermediate_key = issue("bench intermediate", (root, root_key), ca=True)
    leaf, leaf_key = issue("bench", (intermediate, intermediate_key), names=names)
    chain, key, bundle = folder / "chain.pem", folder / "key.pem", folder / "bundle.pem"
    chain.write_bytes(pem(leaf) + pem(intermediate))
    key.write_bytes(leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with open(certifi.where(), "rb") as public_roots:
        bundle.write_bytes(public_roots.read() + pem(root))
    return chain, key, bundle


def issue(common_name, issuer, ca=False, names=()):
    """A certificate and its key, signed by the issuer, or by itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    issuer_name, issuer_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if ca:
        builder = builder.add_extension(key_usage(), critical=True)
    else:
        alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternative, critical=False)
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(purpose, critical=False)
    return builder.sign(issuer_key, hashes.SHA256()), key


def key_usage():
    """Of an authority: to sign certificates."""
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def pem(certificate):
    return certificate.public_bytes(Encoding.PEM)
