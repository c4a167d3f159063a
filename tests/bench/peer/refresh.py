"""POST /catalog/refresh: reads Alibaba Cloud's products and problem types, and writes only what changed."""

import os
from concurrent.futures import ThreadPoolExecutor

import common
from alibabacloud_workorder20210610 import models
from common import TABLE, dynamodb, response

CATALOG = "CATALOG#ALIBABA"
AT_ONCE = 4


@common.answers_problems
def handler(event):
    account = common.read_item(f"ACCOUNT#{os.environ['REFRESH_ACCOUNT']}", "ACCOUNT")
    found, known = read_vendor(common.client_of(account)), read_table()
    writes, counts = [], {"added": 0, "changed": 0, "removed": 0, "unchanged": 0}
    for sort_key, entry in found.items():
        old = known.get(sort_key)
        if old and old["name"] == entry["name"] and not old.get("removed"):
            counts["unchanged"] += 1
            continue
        counts["changed" if old else "added"] += 1
        create_time = old["create_time"] if old else common.now_ms()
        writes.append({"pk": CATALOG, "sk": sort_key, "type": "ALIBABA", "create_time": create_time, **entry})
    for sort_key, old in known.items():
        if sort_key not in found and not old.get("removed"):
            counts["removed"] += 1
            writes.append({**old, "removed": True})
    common.write_batches([{"PutRequest": {"Item": common.to_item(item)}} for item in writes])
    return response(200, counts)


def read_vendor(client):
    """One call for the products, and one for the problem types of each."""
    groups = common.succeeded(client.list_products(models.ListProductsRequest()).body).data
    products = {product.product_id: product.product_name for group in groups for product in group.product_list}
    entries = {f"PRODUCT#{product}": {"id": str(product), "name": name} for product, name in products.items()}

    def categories(product):
        request = models.ListCategoriesRequest(product_id=product)
        return product, common.succeeded(client.list_categories(request).body).data or []

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for product, problem_types in pool.map(categories, products):
            for each in problem_types:
                entry = {"id": str(each.category_id), "name": each.category_name, "product_id": str(product)}
                entries[f"TYPE#{product}#{each.category_id}"] = entry
    return entries


def read_table():
    pages = dynamodb.get_paginator("query").paginate(
        TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": CATALOG}}
    )
    return {item["sk"]["S"]: common.from_item(item) for page in pages for item in page["Items"]}
