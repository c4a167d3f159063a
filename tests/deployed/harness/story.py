"""Steps that several tests share."""

REGIONS = {"ALIBABA": "cn-hangzhou", "HUAWEI": "cn-south-1", "TENCENT": "ap-guangzhou"}

# Part of every text that a customer or support writes: no log line, metric or event may contain it.
TEXT_CANARY = "canary-words-7c1e"
# What only the vendor's support may see: it is nowhere but at the vendor.
SECRET_CANARY = "canary-secret-3f9d"


def register(world, vendor):
    keys = world.keys[vendor][0]
    body = {
        "type": vendor,
        "region_id": REGIONS[vendor],
        "secret_id": keys.id,
        "secret_key_secret": keys.secret,
        "endpoint": world.vendors[vendor].url,
        # Several tests register an account with the keys of one customer.
        "allow_same_customer": True,
    }
    return world.api.post("/accounts", body).expect(201)


def ticket_body(world, account):
    """The body of a ticket of the account, with the first product in the catalog that has a problem type."""
    vendor = account["type"]
    for product in world.api.all(f"/catalog/products?type={vendor}&q=ECS"):
        types = world.api.all(f"/catalog/product-types?type={vendor}&product_id={product['id']}")
        if types:
            break
    body = {
        "custom_id": account["id"],
        "product_id": product["id"],
        "product_business_id": types[0]["id"],
        "name": f"云服务器无法远程连接 {TEXT_CANARY}",
        "description": f"重启之后 SSH 一直超时 🙏 {TEXT_CANARY}",
        "email": f"{TEXT_CANARY}@example.com",
    }
    if types[0]["case_kind"] == "fault":
        body["region_id"] = world.api.all(f"/catalog/regions?type={vendor}")[0]["id"]
    if vendor == "ALIBABA":
        body["secret_info"] = SECRET_CANARY
    return body
