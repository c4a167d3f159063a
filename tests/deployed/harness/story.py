"""Steps of the story that more than one test takes."""

REGIONS = {"ALIBABA": "cn-hangzhou", "HUAWEI": "cn-south-1", "TENCENT": "ap-guangzhou"}

# Stands in every text that a customer or support writes: no log line, metric or event may hold it.
WORDS = "canary-words-7c1e"


def register(world, vendor):
    keys = world.keys[vendor][0]
    body = {
        "type": vendor,
        "region_id": REGIONS[vendor],
        "secret_id": keys.id,
        "secret_key_secret": keys.secret,
        "endpoint": world.vendors[vendor].url,
    }
    return world.desk.post("/accounts", body).expect(201)


def wanted_ticket(world, account):
    """A ticket of the account, its product chosen from the catalog: the first with a problem type."""
    vendor = account["type"]
    for product in world.desk.all(f"/catalog/products?type={vendor}&q=ECS"):
        types = world.desk.all(f"/catalog/product-types?type={vendor}&product_id={product['id']}")
        if types:
            break
    wanted = {
        "custom_id": account["id"],
        "product_id": product["id"],
        "product_business_id": types[0]["id"],
        "name": f"云服务器无法远程连接 {WORDS}",
        "description": f"重启之后 SSH 一直超时 🙏 {WORDS}",
        "email": f"{WORDS}@example.com",
    }
    if types[0]["case_kind"] == "fault":
        wanted["region_id"] = world.desk.all(f"/catalog/regions?type={vendor}")[0]["id"]
    return wanted
