"""Functions of PostgreSQL that only compute or look, from its documentation, chapters 9 and 28; all others may change.

Not here on purpose: everything that signals a backend, sets a setting, moves a sequence, takes a lock that stays,
writes files or large objects, opens a connection or sleeps.
"""

from __future__ import annotations

_COMPUTING = """
abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log power mod div random pi degrees
radians sin cos tan asin acos
atan atan2 width_bucket scale gcd lcm factorial min_scale trim_scale greatest least coalesce nullif
num_nulls num_nonnulls
length char_length character_length octet_length bit_length lower upper initcap trim btrim ltrim
rtrim lpad rpad left right
substr substring position strpos replace translate reverse repeat split_part concat concat_ws format md5 sha224 sha256
sha384 sha512 encode decode ascii chr quote_ident quote_literal quote_nullable to_hex starts_with overlay unistr
regexp_replace regexp_match regexp_matches regexp_split_to_array regexp_split_to_table regexp_count regexp_like
regexp_substr regexp_instr string_to_array string_to_table array_to_string to_char to_date to_number to_timestamp
now age date_part date_trunc date_bin extract clock_timestamp statement_timestamp transaction_timestamp timeofday
current_timestamp current_date current_time localtime localtimestamp justify_days justify_hours justify_interval
make_date make_interval make_time make_timestamp make_timestamptz isfinite timezone
count sum avg min max array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg bool_and bool_or every
bit_and bit_or bit_xor stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp regr_slope
regr_intercept regr_count regr_r2 mode percentile_cont percentile_disc any_value range_agg grouping
row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
array array_length array_ndims array_dims array_upper array_lower array_position array_positions array_remove
array_replace array_append array_prepend array_cat cardinality unnest generate_series generate_subscripts
to_json to_jsonb row_to_json array_to_json json_build_object jsonb_build_object json_build_array jsonb_build_array
json_array_length jsonb_array_length json_array_elements jsonb_array_elements json_array_elements_text
jsonb_array_elements_text json_each jsonb_each json_each_text jsonb_each_text json_object_keys jsonb_object_keys
json_extract_path json_extract_path_text jsonb_extract_path jsonb_extract_path_text json_typeof jsonb_typeof jsonb_set
jsonb_insert jsonb_pretty json_strip_nulls jsonb_strip_nulls jsonb_path_query jsonb_path_query_array jsonb_path_exists
jsonb_path_query_first jsonb_path_match json_to_record jsonb_to_record json_to_recordset jsonb_to_recordset
json_populate_record jsonb_populate_record json_populate_recordset jsonb_populate_recordset json_object jsonb_object
lower_inc upper_inc isempty range_merge host hostmask masklen netmask network family abbrev inet_same_family
tsvector to_tsvector to_tsquery plainto_tsquery websearch_to_tsquery phraseto_tsquery ts_rank ts_headline
gen_random_uuid uuidv4 uuidv7 pg_typeof hashtext cast row exists any all some
"""
_LOOKING = """
version current_user current_role session_user user current_database current_catalog current_schema current_schemas
current_setting current_query inet_client_addr inet_client_port inet_server_addr inet_server_port
pg_backend_pid pg_blocking_pids pg_safe_snapshot_blocking_pids pg_conf_load_time pg_postmaster_start_time
pg_is_in_recovery pg_is_wal_replay_paused pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp
pg_current_wal_lsn pg_current_wal_insert_lsn pg_current_wal_flush_lsn pg_wal_lsn_diff pg_walfile_name
pg_size_pretty pg_size_bytes pg_relation_size pg_total_relation_size pg_table_size pg_indexes_size pg_database_size
pg_tablespace_size pg_column_size pg_relation_filepath pg_relation_filenode pg_lock_status pg_show_all_settings
pg_get_viewdef pg_get_indexdef pg_get_constraintdef pg_get_functiondef pg_get_expr
pg_get_serial_sequence pg_get_userbyid
pg_get_triggerdef pg_get_ruledef pg_get_keywords pg_get_partkeydef format_type to_regclass to_regtype to_regproc
obj_description col_description shobj_description has_table_privilege has_database_privilege has_schema_privilege
has_column_privilege has_function_privilege has_sequence_privilege pg_has_role pg_table_is_visible
pg_function_is_visible pg_type_is_visible pg_is_other_temp_schema pg_my_temp_schema pg_encoding_to_char
pg_current_xact_id_if_assigned txid_current_if_assigned txid_current_snapshot pg_current_snapshot pg_snapshot_xmin
pg_snapshot_xmax txid_snapshot_xmin txid_snapshot_xmax mxid_age pg_xact_commit_timestamp pg_partition_tree
pg_partition_ancestors pg_partition_root pg_available_extensions pg_timezone_names pg_timezone_abbrevs pg_index_size
pg_stat_get_activity pg_stat_get_backend_idset pg_stat_get_live_tuples pg_stat_get_dead_tuples
pg_stat_get_numscans pg_stat_get_db_numbackends pg_stat_get_backend_pid pg_stat_get_backend_activity
pg_stat_get_wal_senders pg_stat_get_progress_info pg_stat_statements pg_stat_statements_info pg_control_checkpoint
"""
_OF_SQLITE_AND_MYSQL = """
ifnull date_add date_sub datediff date_format unix_timestamp from_unixtime timestampdiff curdate
curtime sysdate database
connection_id found_rows row_count group_concat json_extract json_unquote strftime julianday datetime date time typeof
instr hex unhex isnull if field find_in_set lcase ucase mid space strcmp sqlite_version total changes last_insert_rowid
year month day hour minute second dayofweek weekday week quarter last_day utc_timestamp
"""

READING = frozenset(f"{_COMPUTING} {_LOOKING} {_OF_SQLITE_AND_MYSQL}".split())

_SYNTAX = """
select from where and or not in as on using over filter within values union except intersect all any some
exists by having limit offset between like ilike similar is when then else case end returning lateral only
table with rows range group groups partition order join distinct interval show explain describe analyze
analyse verbose buffers costs format copy to materialized recursive array row set rollup cube grouping sets
tablesample bernoulli system numeric decimal varchar char character varying bit text timestamp timestamptz
time precision float pragma table_info table_xinfo index_list index_info foreign_key_list integrity_check
quick_check foreign_key_check
"""
SYNTAX = frozenset(_SYNTAX.split())
"""Words before a bracket that call nothing."""
