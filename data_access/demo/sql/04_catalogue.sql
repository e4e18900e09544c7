-- What is sold: 240 products in six categories, 40 each; the first of a category sell best.

create or replace temp table categories as
from (values
    (0, 'Kitchen', 'Home / Kitchen', ['kettle', 'bowl', 'board', 'pan'], ['水壶', '饭碗', '砧板', '平锅'], 18.0),
    (1, 'Lighting', 'Home / Lighting', ['lamp', 'lantern', 'shade', 'bulb'], ['台灯', '提灯', '灯罩', '灯泡'], 32.0),
    (2, 'Tea', 'Food / Tea', ['green tea', 'black tea', 'tea set', 'strainer'], ['绿茶', '红茶', '茶具', '滤网'], 14.0),
    (3, 'Office', 'Work / Office', ['notebook', 'desk tray', 'pen case', 'planner'], ['笔记本', '文件盘', '笔盒', '手账'], 9.0),
    (4, 'Packaging', 'Work / Packaging', ['carton', 'mailer', 'ribbon', 'label roll'], ['纸箱', '邮袋', '丝带', '标签卷'], 6.0),
    (5, 'Services', 'Services', ['engraving', 'gift wrapping', 'assembly', 'care plan'],
     ['刻字', '礼品包装', '安装', '保养'], 24.0)
) as category(category_no, category, category_path, nouns, chinese_nouns, typical_price);

create or replace temp table catalogue as
select
    product_no,
    'PR-' || padded(product_no, 3) as product_id,
    category_no, category, category_path,
    case when draw('product script', product_no) < 0.25
        then chinese_word('product', product_no) || pick(chinese_nouns, draw('product noun', product_no))
        else latin_word('product', product_no) || ' ' || pick(nouns, draw('product noun', product_no))
    end as name,
    round(typical_price * exp(0.55 * gaussian('product price', product_no)), 2)::decimal(12, 2) as list_price,
    (0.42 + 0.26 * draw('product cost', product_no)) as cost_share
from (select range as product_no, range // 40 as category_no from range(240))
join categories using (category_no);

insert into products by name
select product_id, 'BW' || padded(7001 + 13 * product_no, 5) as sku, name, category, category_path, list_price,
    base_currency() as currency, round(list_price * cost_share, 2) as unit_cost,
    product_no % 40 < 37 as is_active, category = 'Services' as is_service
from catalogue;
