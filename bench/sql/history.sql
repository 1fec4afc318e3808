select version, type, data, meta from history order by version;
