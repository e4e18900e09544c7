-- Invented names: syllables and signs put together, in Latin and in Chinese script. Nobody is meant by them.

create or replace temp macro latin_word(stream, key) as
    pick(['Bri', 'Cal', 'Dov', 'Elu', 'Fen', 'Gal', 'Hov', 'Ilm', 'Jas', 'Kor', 'Lum', 'Mev', 'Nal', 'Oru', 'Pav',
          'Qui', 'Ruv', 'Sal', 'Tev', 'Ulm', 'Vey', 'Wim', 'Yol', 'Zan'], draw(stream || ' start', key))
    || pick(['', 'a', 'e', 'i', 'o', 'u'], draw(stream || ' middle', key))
    || pick(['dra', 'fen', 'ket', 'lor', 'mar', 'nis', 'pell', 'quor', 'ras', 'sten', 'tova', 'vint', 'wyn', 'zel'],
            draw(stream || ' end', key));

create or replace temp macro chinese_word(stream, key) as
    pick(['辰', '嘉', '瑞', '恒', '宁', '禾', '泽', '澜', '星', '松', '岳', '汀', '墨', '岚', '溪', '朗', '榆', '柏'],
         draw(stream || ' first sign', key))
    || pick(['舟', '川', '屿', '和', '原', '庭', '野', '桥', '石', '木', '帆', '谷', '堂', '园', '林', '湾'],
            draw(stream || ' second sign', key));

create or replace temp macro latin_person(stream, key) as
    pick(['Mi', 'Ta', 'Lo', 'Je', 'Ra', 'Ne', 'Ka', 'So', 'Vi', 'El', 'Ju', 'Da'], draw(stream || ' given 1', key))
    || pick(['la', 'rin', 'vo', 'na', 'mir', 'lis', 'ro', 'den', 'ka', 'sha', 'tej', 'wen'],
            draw(stream || ' given 2', key))
    || ' ' || latin_word(stream || ' family', key);

create or replace temp macro chinese_person(stream, key) as
    pick(['林', '周', '沈', '江', '叶', '程', '许', '苏', '顾', '陆', '韩', '傅'], draw(stream || ' family', key))
    || pick(['安', '明', '思', '雨', '子', '文', '晓', '佳', '一', '若'], draw(stream || ' given 1', key))
    || pick(['', '然', '可', '宁', '青', '舟', '禾', '澄', '远', '言'], draw(stream || ' given 2', key));

create or replace temp macro person_name(stream, key, in_chinese) as
    case when in_chinese then chinese_person(stream, key) else latin_person(stream, key) end;

create or replace temp macro company_name_of(stream, key, in_chinese) as case
    when in_chinese then chinese_word(stream, key)
        || pick(['贸易', '商行', '器物', '家居', '食品', '设计', '物流', '工坊'], draw(stream || ' trade', key))
        || '有限公司'
    else latin_word(stream, key) || ' '
        || pick(['Trading', 'Works', 'Supplies', 'Workshop', 'Atelier', 'Logistics', 'Partners', 'Foods', 'Studio',
                 '& Daughters'], draw(stream || ' trade', key))
end;

-- example.com and its sisters are reserved for examples: no mail ever arrives anywhere.
create or replace temp macro mail_address(name, key, in_chinese) as
    case when in_chinese then 'kehu' else lower(replace(replace(name, ' ', '.'), '&', 'and')) end
    || '.' || key::varchar || '@example.' || pick(['com', 'net', 'org'], draw('mail domain', key));

-- Area code 000 is given to nobody.
create or replace temp macro phone_number(country_code, key) as
    '+' || country_code || ' 000 ' || padded(floor(draw('phone', key) * 10000000)::bigint, 7);
