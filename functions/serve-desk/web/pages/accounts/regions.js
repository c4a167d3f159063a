// Regions that an account is often registered with. The region decides the site; any other id can be typed.

/**
 * @typedef {{ id: string, zh: string, en: string }} Region
 * @typedef {{ china: Region[], international: Region[] }} RegionsOfVendor
 */

/** @param {string} id @param {string} zh @param {string} en @returns {Region} */
function region(id, zh, en) {
  return { id, zh, en };
}

/** The first one of each vendor is chosen at first. @type {Record<string, RegionsOfVendor>} */
export const REGIONS = {
  ALIBABA: {
    china: [
      region("cn-hangzhou", "杭州", "Hangzhou"),
      region("cn-shanghai", "上海", "Shanghai"),
      region("cn-beijing", "北京", "Beijing"),
      region("cn-shenzhen", "深圳", "Shenzhen"),
      region("cn-zhangjiakou", "张家口", "Zhangjiakou"),
      region("cn-chengdu", "成都", "Chengdu"),
      region("cn-hongkong", "香港", "Hong Kong"),
    ],
    international: [
      region("ap-southeast-1", "新加坡", "Singapore"),
      region("ap-southeast-5", "雅加达", "Jakarta"),
      region("ap-northeast-1", "东京", "Tokyo"),
      region("us-west-1", "硅谷", "Silicon Valley"),
      region("us-east-1", "弗吉尼亚", "Virginia"),
      region("eu-central-1", "法兰克福", "Frankfurt"),
    ],
  },
  HUAWEI: {
    china: [
      region("cn-south-1", "广州", "Guangzhou"),
      region("cn-north-4", "北京四", "Beijing 4"),
      region("cn-north-1", "北京一", "Beijing 1"),
      region("cn-east-3", "上海一", "Shanghai 1"),
      region("cn-east-2", "上海二", "Shanghai 2"),
      region("cn-southwest-2", "贵阳一", "Guiyang 1"),
    ],
    international: [
      region("ap-southeast-1", "香港", "Hong Kong"),
      region("ap-southeast-2", "曼谷", "Bangkok"),
      region("ap-southeast-3", "新加坡", "Singapore"),
      region("af-south-1", "约翰内斯堡", "Johannesburg"),
      region("la-south-2", "圣地亚哥", "Santiago"),
      region("eu-west-101", "都柏林", "Dublin"),
    ],
  },
  TENCENT: {
    china: [
      region("ap-guangzhou", "广州", "Guangzhou"),
      region("ap-shanghai", "上海", "Shanghai"),
      region("ap-beijing", "北京", "Beijing"),
      region("ap-nanjing", "南京", "Nanjing"),
      region("ap-chengdu", "成都", "Chengdu"),
      region("ap-chongqing", "重庆", "Chongqing"),
    ],
    international: [
      region("ap-singapore", "新加坡", "Singapore"),
      region("ap-hongkong", "香港", "Hong Kong"),
      region("ap-tokyo", "东京", "Tokyo"),
      region("na-siliconvalley", "硅谷", "Silicon Valley"),
      region("na-ashburn", "弗吉尼亚", "Virginia"),
      region("eu-frankfurt", "法兰克福", "Frankfurt"),
    ],
  },
};

export const VENDORS = Object.keys(REGIONS);
